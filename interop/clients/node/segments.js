// Runs of consecutive offsets; the digests of a run are combined by exclusive or.
const { createHash } = require('crypto')

// A line for so many records at most: a difference is found near its place.
const LONGEST = 1000
const NULL = Buffer.from([255, 255, 255, 255])

class Segments {
  constructor() {
    this.runs = new Map()
    this.count = 0
  }

  add(topic, partition, message) {
    this.count++
    const offset = Number(message.offset)
    const where = `${topic} ${partition}`
    let run = this.runs.get(where)
    if (run && (run.first + run.count !== offset || run.count === LONGEST)) {
      this.print(where, run)
      run = undefined
    }
    if (!run) {
      run = { first: offset, count: 0, digest: Buffer.alloc(8) }
      this.runs.set(where, run)
    }
    run.count++
    const hash = digest(message)
    for (let i = 0; i < 8; i++) {
      run.digest[i] ^= hash[i]
    }
  }

  print(where, { first, count, digest }) {
    process.stdout.write(`segment ${where} ${first} ${count} ${digest.toString('hex')}\n`)
  }

  flush() {
    this.runs.forEach((run, where) => this.print(where, run))
    this.runs.clear()
  }
}

function digest({ offset, timestamp, key, value, headers }) {
  const numbers = Buffer.alloc(20)
  numbers.writeBigInt64BE(BigInt(offset), 0)
  numbers.writeBigInt64BE(BigInt(timestamp), 8)
  const parts = [numbers.subarray(0, 16), ...field(key), ...field(value), numbers.subarray(16)]
  let count = 0
  for (const [name, contents] of Object.entries(headers || {})) {
    for (const content of Array.isArray(contents) ? contents : [contents]) {
      parts.push(...field(Buffer.from(name)), ...field(content))
      count++
    }
  }
  numbers.writeInt32BE(count, 16)
  return createHash('md5').update(Buffer.concat(parts)).digest()
}

function field(data) {
  if (data === null || data === undefined) {
    return [NULL]
  }
  const length = Buffer.alloc(4)
  length.writeInt32BE(data.length)
  return [length, data]
}

module.exports = { Segments }
