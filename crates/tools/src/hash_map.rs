//! A map that gives its entries in the order of Java's `HashMap`: tools print what they found by going through one.
//!
//! Entries lie in buckets by hash, a bucket keeps the order of arrival, and the table doubles when three quarters
//! full. Trees, which Java makes of buckets of nine and more in tables of 64 and more, are left out: such a bucket
//! keeps the order of arrival too.

use klamm_base::{TopicPartition, java_string_hash};

/// `Object.hashCode`.
pub trait JavaHash {
    fn java_hash(&self) -> i32;
}

impl JavaHash for str {
    fn java_hash(&self) -> i32 {
        java_string_hash(self)
    }
}

impl JavaHash for String {
    fn java_hash(&self) -> i32 {
        java_string_hash(self)
    }
}

impl JavaHash for i32 {
    fn java_hash(&self) -> i32 {
        *self
    }
}

impl JavaHash for TopicPartition {
    fn java_hash(&self) -> i32 {
        (31i32.wrapping_add(self.partition)).wrapping_mul(31).wrapping_add(java_string_hash(&self.topic))
    }
}

/// What a table is made for when nobody says more.
const CAPACITY: usize = 16;
/// A bucket with as many entries is no list any more; in a table smaller than [`TREE_TABLE`] it doubles instead.
const TREE_BUCKET: usize = 9;
const TREE_TABLE: usize = 64;

/// Keys with values, in `HashMap`'s order. Values of `()` make it a `HashSet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashMap<K, V> {
    buckets: Vec<Vec<(K, V)>>,
    len: usize,
}

impl<K: JavaHash + PartialEq, V> Default for HashMap<K, V> {
    fn default() -> HashMap<K, V> {
        HashMap::with_capacity(CAPACITY)
    }
}

impl<K: JavaHash + PartialEq, V> HashMap<K, V> {
    /// A map that was made for so many keys (Java: the constructor with a number).
    pub fn with_capacity(capacity: usize) -> HashMap<K, V> {
        HashMap::with_buckets(capacity.next_power_of_two())
    }

    fn with_buckets(buckets: usize) -> HashMap<K, V> {
        HashMap { buckets: std::iter::repeat_with(Vec::new).take(buckets).collect(), len: 0 }
    }

    fn bucket(&self, key: &K) -> usize {
        let hash = key.java_hash().cast_unsigned();
        (hash ^ (hash >> 16)) as usize & (self.buckets.len() - 1)
    }

    /// A value that was there before is replaced in its place.
    pub fn insert(&mut self, key: K, value: V) {
        let at = self.bucket(&key);
        let bucket = &mut self.buckets[at];
        if let Some(entry) = bucket.iter_mut().find(|entry| entry.0 == key) {
            entry.1 = value;
            return;
        }
        bucket.push((key, value));
        if bucket.len() >= TREE_BUCKET && self.buckets.len() < TREE_TABLE {
            self.double();
        }
        self.len += 1;
        if self.len * 4 > self.buckets.len() * 3 {
            self.double();
        }
    }

    fn double(&mut self) {
        let mut larger = HashMap::with_buckets(self.buckets.len() * 2);
        for (key, value) in self.buckets.drain(..).flatten() {
            let at = larger.bucket(&key);
            larger.buckets[at].push((key, value));
        }
        self.buckets = larger.buckets;
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.buckets[self.bucket(key)].iter().find(|entry| entry.0 == *key).map(|entry| &entry.1)
    }

    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.buckets.iter().flatten().map(|(key, value)| (key, value))
    }

    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: JavaHash + PartialEq, V> FromIterator<(K, V)> for HashMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> HashMap<K, V> {
        let mut map = HashMap::default();
        entries.into_iter().for_each(|(key, value)| map.insert(key, value));
        map
    }
}

impl<K, V> IntoIterator for HashMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<(K, V)>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.buckets.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(words: &str) -> String {
        let map: HashMap<String, ()> = words.split(' ').map(|word| (word.to_owned(), ())).collect();
        map.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn strings_come_in_javas_order() {
        assert_eq!(
            order("gg live nogroup a b c my-group console-consumer-12345"),
            "gg a b c my-group console-consumer-12345 nogroup live"
        );
        assert_eq!(
            order("my_first_application my_second_application other g1 g2 g3 g10 g11 g12 g13 g14 g15"),
            "my_first_application other my_second_application g11 g10 g13 g12 g1 g15 g2 g14 g3"
        );
    }

    #[test]
    fn a_full_bucket_doubles_the_table() {
        let same = "AaAaAaAa AaAaAaBB AaAaBBAa AaAaBBBB AaBBAaAa AaBBAaBB AaBBBBAa AaBBBBBB BBAaAaAa x y z";
        assert_eq!(order(same), same);
        let map: HashMap<String, ()> = same.split(' ').take(9).map(|word| (word.to_owned(), ())).collect();
        assert_eq!(map.buckets.len(), 32);
    }

    #[test]
    fn partitions_come_in_javas_order() {
        let order = |partitions: &[(&str, i32)]| {
            let entries = partitions.iter().map(|(topic, index)| (TopicPartition::new(*topic, *index), ()));
            let map: HashMap<TopicPartition, ()> = entries.collect();
            map.keys().map(TopicPartition::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            order(&[
                ("c2", 0),
                ("c2", 1),
                ("c2", 2),
                ("first_topic", 0),
                ("first_topic", 1),
                ("first_topic", 2)
            ]),
            "c2-0 first_topic-0 first_topic-1 first_topic-2 c2-2 c2-1"
        );
        assert_eq!(
            order(&[("a", 0), ("b", 0), ("c", 0), ("topic", 1), ("topic", 12), ("zz", 3), ("yy", 4)]),
            "a-0 topic-12 b-0 c-0 topic-1 yy-4 zz-3"
        );
        let many: Vec<(&str, i32)> = (0..17).map(|index| ("t", index)).collect();
        let expected: Vec<String> = (0..17).rev().map(|index| format!("t-{index}")).collect();
        assert_eq!(order(&many), expected.join(" "));
    }

    #[test]
    fn a_value_is_replaced_in_its_place() {
        let map: HashMap<String, i32> =
            [("a", 1), ("b", 2), ("a", 3)].map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        assert_eq!((map.len(), map.get(&"a".to_owned())), (2, Some(&3)));
        assert_eq!(map.values().copied().collect::<Vec<_>>(), [3, 2]);
    }
}
