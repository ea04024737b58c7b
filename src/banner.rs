//! The one screen that `klamm dev` shows when it is ready.

use std::path::Path;

/// Where a node is reached and where its data lies.
pub struct Banner<'a> {
    pub host: &'a str,
    pub port: u16,
    pub dir: &'a Path,
    pub ephemeral: bool,
}

impl Banner<'_> {
    /// The text, with its last newline.
    pub fn text(&self) -> String {
        let address = format!("{}:{}", self.host, self.port);
        let dir = self.dir.display();
        let kept = if self.ephemeral { "gone when the node stops" } else { "kept" };
        format!(
            "
  Klamm {version} is running: Kafka on {address}

  data       {dir} ({kept})

  write      echo 'lorry-7:47.26,11.39' | kcat -P -b {address} -t truck_gps -K :
  read       kcat -C -b {address} -t truck_gps -o beginning -e
  look       kcat -L -b {address}

  stop       Ctrl-C
  for real   klamm kafka-storage format, then klamm serve server.properties

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
        let dir = Path::new("/home/me/.local/share/klamm");
        let text = Banner { host: "localhost", port: 9092, dir, ephemeral: false }.text();
        assert!(text.lines().count() <= 24);
        assert!(text.lines().all(|line| line.chars().count() <= 100));
        assert!(text.contains("kcat -C -b localhost:9092 -t truck_gps"));
        assert!(text.contains("/home/me/.local/share/klamm (kept)"));
    }
}
