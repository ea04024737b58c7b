// What a group has committed, and where the logs end.
module.exports = async (kafka, { group, topics }) => {
  const admin = kafka.admin()
  await admin.connect()
  const committed = await admin.fetchOffsets({ groupId: group, topics: topics.split(',') })
  for (const { topic, partitions } of committed) {
    const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, high]))
    for (const { partition, offset } of partitions.filter(({ offset }) => offset !== '-1')) {
      process.stdout.write(`offset ${topic} ${partition} ${offset} ${ends.get(partition)}\n`)
    }
  }
  await admin.disconnect()
}
