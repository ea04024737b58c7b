// The file of records: tabs between timestamp, key, value and headers; base64, and `-` for null.
const fs = require('fs')

const decoded = text => (text === '-' ? null : Buffer.from(text, 'base64'))

function read(path) {
  const lines = fs.readFileSync(path, 'ascii').split('\n').slice(0, -1)
  return lines.map(line => {
    const [timestamp, key, value, ...pairs] = line.split('\t')
    const headers = {}
    for (const pair of pairs) {
      const [name, content] = pair.split(':').map(decoded)
      headers[name.toString()] = [...(headers[name.toString()] || []), content]
    }
    return { timestamp, key: decoded(key), value: decoded(value), headers }
  })
}

module.exports = { read }
