//! Ratios to the floor, of figures of the same round; their medians against limits.

use crate::cases::{Case, Figures};

/// Case, figure, ratio; `#` begins a line that is for people.
const LIMITS: &str = include_str!("../limits.txt");

/// One figure of one case: what floor and Klamm had in each round.
struct Row {
    case: &'static str,
    figure: &'static str,
    values: [Vec<f64>; 2],
}

/// Everything measured; the floor is first, Klamm second.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    /// Resident MB at the end.
    pub memory: [f64; 2],
}

impl Report {
    pub fn add(&mut self, case: &Case, server: usize, figures: Figures) {
        for (figure, value) in figures {
            let known = self.rows.iter().position(|row| row.case == case.name && row.figure == figure);
            let at = known.unwrap_or_else(|| {
                self.rows.push(Row { case: case.name, figure, values: Default::default() });
                self.rows.len() - 1
            });
            self.rows[at].values[server].push(value);
        }
    }

    pub fn print_table(&self) {
        println!("{:<14} {:<9} {:>10} {:>10} {:>7}   of the rounds", "", "", "floor", "klamm", "ratio");
        for row in &self.rows {
            let (floor, klamm) = (median(&row.values[0]), median(&row.values[1]));
            let ratios = row.ratios();
            let (least, most) = (ratios.first(), ratios.last());
            let range =
                least.zip(most).map_or(String::new(), |(least, most)| format!("{least:.2}-{most:.2}"));
            let (case, figure, ratio) = (row.case, row.figure, median(&ratios));
            println!("{case:<14} {figure:<9} {floor:>10.3} {klamm:>10.3} {ratio:>6.2}x   {range}");
        }
        let [floor, klamm] = self.memory;
        println!("{:<14} {:<9} {floor:>10.1} {klamm:>10.1}", "at the end", "MB");
    }

    pub fn print_json(&self) {
        for row in &self.rows {
            let list = |values: &[f64]| {
                values.iter().map(|value| format!("{value:.4}")).collect::<Vec<_>>().join(",")
            };
            println!(
                "{{\"case\":\"{}\",\"figure\":\"{}\",\"floor\":[{}],\"klamm\":[{}],\"ratio\":{:.4}}}",
                row.case,
                row.figure,
                list(&row.values[0]),
                list(&row.values[1]),
                median(&row.ratios())
            );
        }
        let [floor, klamm] = self.memory;
        println!(
            "{{\"case\":\"at the end\",\"figure\":\"MB\",\"floor\":[{floor:.1}],\"klamm\":[{klamm:.1}]}}"
        );
    }

    /// What is above its limit, in words.
    pub fn above_limits(&self) -> Vec<String> {
        let judged = limits(LIMITS).filter_map(|(case, figure, limit)| {
            let row = self.rows.iter().find(|row| row.case == case && row.figure == figure)?;
            let ratio = median(&row.ratios());
            (ratio > limit)
                .then(|| format!("{case}: {ratio:.2} times the floor's {figure}, allowed are {limit}"))
        });
        judged.collect()
    }
}

impl Row {
    /// Klamm's share of the floor's figure in each round, ascending. What the floor did in no time says nothing.
    fn ratios(&self) -> Vec<f64> {
        let [floor, klamm] = &self.values;
        let pairs = floor.iter().zip(klamm).filter(|(floor, _)| **floor > 0.0);
        let mut ratios: Vec<f64> = pairs.map(|(floor, klamm)| klamm / floor).collect();
        ratios.sort_by(f64::total_cmp);
        ratios
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        len if len % 2 == 1 => values[len / 2],
        len => (values[len / 2 - 1] + values[len / 2]) / 2.0,
    }
}

fn limits(text: &str) -> impl Iterator<Item = (&str, String, f64)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (case, limit) = (words.first()?, words.last()?.parse().ok()?);
        Some((*case, words[1..words.len() - 1].join(" "), limit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::CASES;

    #[test]
    fn every_limit_is_about_a_case() {
        let all: Vec<_> = limits(LIMITS).collect();
        assert!(all.len() >= 5, "{all:?}");
        for (case, figure, limit) in all {
            assert!(CASES.iter().any(|known| known.name == case), "{case}");
            assert!(figure.starts_with("CPU") && limit > 1.0, "{case} {figure} {limit}");
        }
    }

    #[test]
    fn the_median_of_the_rounds_ratios_is_judged() {
        let case = CASES.iter().find(|case| case.name == "ping").expect("a case");
        let mut report = Report::default();
        for (floor, klamm) in [(1.0, 1.0), (10.0, 200.0), (1.0, 1.5)] {
            report.add(case, 0, vec![("CPU us", floor)]);
            report.add(case, 1, vec![("CPU us", klamm)]);
        }
        assert_eq!(report.above_limits(), [""; 0], "one bad round is none");
        report.add(case, 0, vec![("CPU us", 1.0)]);
        report.add(case, 1, vec![("CPU us", 9.0)]);
        assert_eq!(report.above_limits().len(), 1, "two of four are");
        assert_eq!((median(&[3.0, 1.0]), median(&[])), (2.0, 0.0));
    }
}
