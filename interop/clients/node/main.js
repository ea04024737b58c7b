// kafkajs; ../README.md says what a program is asked and what it prints.
const { Kafka, logLevel } = require('kafkajs')
const codecs = require('./codecs')

const modes = { produce: require('./produce'), consume: require('./consume'), offsets: require('./offsets') }

async function main([mode, ...rest]) {
  const options = Object.fromEntries(rest.map(argument => argument.split(/=(.*)/s).slice(0, 2)))
  await codecs.register()
  const kafka = new Kafka({ brokers: [options.bootstrap], logLevel: logLevel.ERROR })
  await modes[mode](kafka, options)
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  error => {
    console.error(error)
    process.exit(1)
  }
)
