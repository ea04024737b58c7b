// A topic for each codec. kafkajs says where the records of a call begin in each partition, and not where each
// record went: that is overheard at its partitioner.
const fs = require('fs')
const path = require('path')
const { Partitioners } = require('kafkajs')
const { TYPES } = require('./codecs')
const { read } = require('./records')

// Records of one call.
const CALL = 1000
const WITH_IDEMPOTENCE = ['gzip', 'zstd']

module.exports = async (kafka, { records, prefix, folder, codecs }) => {
  const messages = read(records)
  for (const codec of codecs.split(',')) {
    const topic = `${prefix}-${codec}`
    const acknowledged = await produce(kafka, topic, codec, messages)
    fs.writeFileSync(path.join(folder, topic), acknowledged.map(line => line + '\n').join(''))
  }
}

async function produce(kafka, topic, codec, messages) {
  const chosen = new Map()
  const createPartitioner = () => {
    const inner = Partitioners.DefaultPartitioner()
    return asked => {
      const partition = inner(asked)
      chosen.set(asked.message, partition)
      return partition
    }
  }
  const producer = kafka.producer({ createPartitioner, idempotent: WITH_IDEMPOTENCE.includes(codec) })
  await producer.connect()
  const acknowledged = []
  for (let at = 0; at < messages.length; at += CALL) {
    const call = messages.slice(at, at + CALL)
    const answer = await producer.send({ topic, compression: TYPES[codec], acks: -1, messages: call })
    const next = new Map(answer.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]))
    for (const message of call) {
      const partition = chosen.get(message)
      acknowledged.push(`${partition} ${next.get(partition)}`)
      next.set(partition, next.get(partition) + 1)
    }
  }
  await producer.disconnect()
  return acknowledged
}
