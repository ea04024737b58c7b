//! The one screen that `klamm dev` shows when it is ready.

use std::path::PathBuf;

/// Where a node is reached and where its data lies.
pub struct Banner<'a> {
    /// How this program is called from here.
    pub program: &'a str,
    pub host: &'a str,
    pub port: u16,
    pub dirs: &'a [PathBuf],
    pub ephemeral: bool,
}

impl Banner<'_> {
    /// The text, with its last newline.
    pub fn text(&self) -> String {
        let program = self.program;
        let address = format!("{}:{}", self.host, self.port);
        let dirs: Vec<_> = self.dirs.iter().map(|dir| dir.to_string_lossy()).collect();
        let dirs = dirs.join(", ");
        let kept = if self.ephemeral { "gone when the node stops" } else { "kept" };
        format!(
            "
  Klamm {version} is running: Kafka on {address}

  data       {dirs} ({kept})

  write      {program} kafka-console-producer --bootstrap-server {address} --topic truck_gps
  read       {program} kafka-console-consumer --bootstrap-server {address} --topic truck_gps --from-beginning
  look       {program} kafka-topics --bootstrap-server {address} --describe

  stop       Ctrl-C
  for real   {program} kafka-storage format, then {program} serve server.properties
  more       {program} help

",
            version = env!("CARGO_PKG_VERSION"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_on_one_screen_and_its_lines_can_be_copied() {
        let dirs = [PathBuf::from("/home/me/.local/share/klamm")];
        let text =
            Banner { program: "klamm", host: "localhost", port: 9092, dirs: &dirs, ephemeral: false }.text();
        assert!(text.lines().count() <= 24);
        assert!(text.lines().all(|line| line.chars().count() <= 110));
        assert!(
            text.contains("klamm kafka-console-consumer --bootstrap-server localhost:9092 --topic truck_gps")
        );
        assert!(text.contains("/home/me/.local/share/klamm (kept)"));
    }
}
