// What the library is measured against: the vendor's Node SDK, finding one number of a pool.
//
//     node sdk.js BASE_URL POWERPACK IN_FLIGHT WARMUP SECONDS NUMBER     credentials from the environment
//
// Prints the calls made, the seconds they took, and the KiB that were resident at most.
'use strict'

const plivo = require('plivo')

const [baseUrl, uuid, inFlight, warmup, seconds, number] = process.argv.slice(2)
const { PLIVO_AUTH_ID, PLIVO_AUTH_TOKEN } = process.env
const url = `${baseUrl}/v1/Account/${PLIVO_AUTH_ID}`
const client = new plivo.Client(PLIVO_AUTH_ID, PLIVO_AUTH_TOKEN, { url })

// The next call of each begins when the one before it is done.
async function repeatFor (powerpack, duration) {
  const started = process.hrtime.bigint()
  const taken = () => Number(process.hrtime.bigint() - started) / 1e9
  let calls = 0
  async function callOnAndOn () {
    while (taken() < duration) {
      const found = await powerpack.find_number(number)
      if (found.number !== number) throw new Error('another number')
      calls += 1
    }
  }
  await Promise.all(Array.from({ length: Number(inFlight) }, callOnAndOn))
  return [calls, taken().toFixed(6), process.resourceUsage().maxRSS].join(' ')
}

async function main () {
  const powerpack = await client.powerpacks.get(uuid)
  await repeatFor(powerpack, Number(warmup))
  console.log(await repeatFor(powerpack, Number(seconds)))
}

main().catch(problem => {
  console.error(problem)
  process.exit(1)
})
