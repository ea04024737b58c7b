#!/usr/bin/env bash
# Makes the golden bytes anew with Kafka's own classes and compares them with data/.
#
#   run.sh            compare
#   run.sh --update   replace data/
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jars=$("$here/fetch.sh")
work=$(dirname "$jars")/golden
rm -rf "$work"
mkdir -p "$work/classes"

javac -Xlint:all,-classfile,-processing -Werror -cp "$jars/*" -d "$work/classes" "$here"/src/*.java
java -cp "$work/classes:$jars/*" Golden "$jars" "$work/data"

if [[ ${1:-} == --update ]]; then
  rm -f "$here"/data/*.gz
  for file in "$work"/data/*.jsonl; do
    gzip -9nc "$file" >"$here/data/$(basename "$file").gz"
  done
  exit
fi

failed=0
kept=$(cd "$here/data" && ls ./*.gz)
made=$(cd "$work/data" && ls ./*.jsonl | sed 's/$/.gz/')
[[ $kept == "$made" ]] || { echo "golden: data/ holds other files than Kafka makes" >&2; failed=1; }
for file in "$work"/data/*.jsonl; do
  name=$(basename "$file")
  gzip -dc "$here/data/$name.gz" | cmp - "$file" || { echo "golden: data/$name.gz is not what Kafka makes" >&2; failed=1; }
  echo "golden: $(wc -l <"$file") lines of $name"
done
exit $failed
