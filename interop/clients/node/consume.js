// A member of a group, until it is told to go or has read enough. kafkajs commits after each batch, and before it
// leaves; a batch that was not done when the group changed is read again.
const { Segments } = require('./segments')

const DONE_AFTER = 200

module.exports = async (kafka, { group, topics, session = '45000', count = '0' }) => {
  const limit = Number(count)
  const segments = new Segments()
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: Number(session),
    maxBytes: 8 << 20,
    maxWaitTimeInMs: 200,
    heartbeatInterval: 500,
  })
  const finished = new Promise(resolve => {
    process.stdin.on('data', resolve).on('end', resolve)
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      process.stdout.write(`error ${payload.error.name}\n`)
      resolve()
    })
    setInterval(() => limit && segments.count >= limit && resolve(), 20)
  })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => say('assigned', payload.memberAssignment))
  consumer.on(consumer.events.REBALANCING, () => {
    segments.flush()
    process.stdout.write('revoked\n')
  })
  setInterval(() => segments.flush(), DONE_AFTER)
  await consumer.connect()
  await consumer.subscribe({ topics: topics.split(','), fromBeginning: true })
  await consumer.run({
    eachBatch: async ({ batch, isStale }) => {
      if (!isStale()) {
        batch.messages.forEach(message => segments.add(batch.topic, batch.partition, message))
      }
    },
  })
  await finished
  await consumer.disconnect()
  segments.flush()
}

function say(what, assignment) {
  const names = Object.entries(assignment).flatMap(([topic, numbers]) => numbers.map(number => `${topic}:${number}`))
  process.stdout.write([what, ...names.sort()].join(' ') + '\n')
}
