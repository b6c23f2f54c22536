// Drives every NumberPool, Powerpack and number-search operation of the vendor's Node SDK against
// a sandbox, checks each result, and prints a table. Where the SDK itself is wrong, the row says so:
// what is checked there is that the sandbox answers as the API does.
'use strict'

const assert = require('assert')
const plivo = require('plivo')

const { BASE_URL, AUTH_ID, AUTH_TOKEN, POWERPACK, POOL } = process.env
const url = `${BASE_URL}/v1/Account/${AUTH_ID}`
const client = new plivo.Client(AUTH_ID, AUTH_TOKEN, { url })

const rows = []
let passed = 0
let failed = 0

// One row: an operation, what is expected, and the check. `wrong` is the SDK's own mistake.
async function check (operation, expected, test, wrong) {
  const row = { operation, expected, wrong, ok: true }
  const log = console.log
  console.log = () => {} // the SDK prints errors
  try {
    await test()
    passed += 1
  } catch (problem) {
    row.ok = false
    row.problem = String((problem && problem.message) || problem).split('\n')[0]
    failed += 1
  } finally {
    console.log = log
  }
  rows.push(row)
}

async function refused (promise, status) {
  let outcome
  try {
    outcome = await promise
  } catch (problem) {
    assert.strictEqual(problem.status, status, `expected ${status}, got ${problem.status} ${problem.message}`)
    return
  }
  assert.fail(`expected ${status}, got ${JSON.stringify(outcome)}`)
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{4,6}Z$/

function isNumber (found, number, type, service) {
  assert.strictEqual(found.number, number)
  assert.strictEqual(found.type, type)
  assert.strictEqual(found.service, service)
  assert.strictEqual(found.accountPhoneNumberResource, `/v1/Account/${AUTH_ID}/Number/${number}/`)
  assert.match(found.addedOn, timestamp)
}

function isList (list, total, ...numbers) {
  assert.match(list.apiId, uuid)
  assert.strictEqual(list.meta.totalCount, total)
  assert.deepStrictEqual(list.objects.map(object => object.number || object.shortcode), numbers)
}

async function powerpacks () {
  let created
  await check('powerpacks.create', 'the new powerpack', async () => {
    created = await client.powerpacks.create('made here', { sticky_sender: false, application_type: 'xml', application_id: '33660394121755210' })
    assert.match(created.uuid, uuid)
    assert.strictEqual(created.name, 'made here')
    assert.strictEqual(created.stickySender, false)
    assert.strictEqual(created.localConnect, true)
    assert.strictEqual(created.applicationId, '33660394121755210')
    assert.match(created.numberPool, new RegExp(`^/v1/Account/${AUTH_ID}/NumberPool/[^/]+/$`))
    assert.match(created.createdOn, timestamp)
    assert.strictEqual(created.numberPriority[0].priority.priority1, 'shortcode')
  })
  await check('powerpacks.create, name taken', '400', () => refused(client.powerpacks.create('made here'), 400))
  await check('powerpacks.get', 'the powerpack', async () => {
    const found = await client.powerpacks.get(created.uuid)
    assert.strictEqual(found.name, 'made here')
    assert.strictEqual(found.number_pool_id, created.numberPool.split('/')[5])
  })
  await check('powerpacks.get, unknown', '404', () => refused(client.powerpacks.get('no-such-powerpack'), 404))
  await check('powerpacks.list', 'both powerpacks', async () => {
    const list = await client.powerpacks.list({ limit: 20 })
    assert.deepStrictEqual(list.map(item => item.name).sort(), ['conformance', 'made here'])
  })
  await check('powerpacks.update', 'the new name', async () => {
    const updated = await client.powerpacks.update(created.uuid, { name: 'renamed' })
    assert.strictEqual(updated.name, 'renamed')
    assert.strictEqual(updated.stickySender, false)
  })
  await check('powerpack.update', 'the new setting', async () => {
    const found = await client.powerpacks.get(created.uuid)
    const updated = await found.update({ local_connect: false })
    assert.strictEqual(updated.localConnect, false)
  })
  await check('powerpack.delete', 'gone', async () => {
    const found = await client.powerpacks.get(created.uuid)
    await found.delete()
    await refused(client.powerpacks.get(created.uuid), 404)
  })
}

async function lists (powerpack) {
  await check('powerpack.list_numbers', '5 numbers', async () =>
    isList(await powerpack.list_numbers(), 5, '15125550001', '15125550002', '14165550003', '447400230004', '18885550005'))
  await check('powerpack.list_numbers, type, service', '1 number', async () =>
    isList(await powerpack.list_numbers({ type: 'fixed', service: 'mms' }), 1, '15125550002'))
  await check('powerpack.list_numbers, toll-free', '1 number', async () =>
    isList(await powerpack.list_numbers({ type: 'toll-free' }), 1, '18885550005'))
  await check('powerpack.list_numbers, starts_with', '2 numbers', async () =>
    isList(await powerpack.list_numbers({ starts_with: '512,213', country_iso2: 'US' }), 2, '15125550001', '15125550002'))
  await check('powerpack.list_numbers, pages', 'the second page', async () => {
    const list = await powerpack.list_numbers({ limit: 2, offset: 2 })
    isList(list, 5, '14165550003', '447400230004')
    assert.strictEqual(list.meta.limit, 2)
    assert.strictEqual(list.meta.offset, 2)
  })
  await check('powerpack.list_numbers, limit of 21', '400', () => refused(powerpack.list_numbers({ limit: 21 }), 400))
  await check('powerpack.count_numbers', '3', async () =>
    assert.strictEqual(await powerpack.count_numbers({ type: 'fixed' }), 3))
  await check('powerpack.list_shortcodes', '2 shortcodes', async () =>
    isList(await powerpack.list_shortcodes(), 2, '23456', '34567'))
  await check('powerpack.list_tollfree', '2 numbers', async () =>
    isList(await powerpack.list_tollfree(), 2, '18005550001', '18335550002'))
  await check('powerpack.list_tollfree, pages', '1 number', async () =>
    isList(await powerpack.list_tollfree({ limit: 1, offset: 1 }), 2, '18335550002'))
}

async function single (powerpack) {
  await check('powerpack.find_number', 'the number', async () => {
    const found = await powerpack.find_number('15125550002')
    isNumber(found, '15125550002', 'fixed', undefined)
    assert.strictEqual(found.numberPoolUuid, POOL)
    assert.strictEqual(found.countryIso2, 'US')
  }, 'drops the service')
  await check('powerpack.find_number, not there', '404', () => refused(powerpack.find_number('15125559999'), 404))
  await check('powerpack.find_number, not a number', '400', () => refused(powerpack.find_number('1111111'), 400))
  await check('powerpack.find_shortcode', 'the shortcode', async () => {
    const found = await powerpack.find_shortcode('34567')
    assert.strictEqual(found.shortCode, undefined)
    assert.strictEqual(found.countryIso2, 'CA')
    assert.match(found.addedOn, timestamp)
  }, 'drops the shortcode')
  await check('powerpack.find_shortcode, service', '404', () => refused(powerpack.find_shortcode('34567', 'sms'), 404),
    "puts '&service=' into the path")
  await check('powerpack.find_tollfree', 'the number', async () =>
    isNumber(await powerpack.find_tollfree('18335550002'), '18335550002', 'tollfree', undefined), 'drops the service')
  await check('powerpack.find_tollfree, service', '404', () => refused(powerpack.find_tollfree('18335550002', 'mms'), 404),
    "puts '&service=' into the path")
}

async function changes (powerpack) {
  await check('powerpack.add_number', 'the number, sms', async () => {
    isNumber(await powerpack.add_number('12125550006'), '12125550006', 'fixed', 'sms')
    assert.strictEqual(await powerpack.count_numbers(), 6)
  })
  await check('powerpack.add_number, mms', 'the number, mms', async () =>
    isNumber(await powerpack.add_number('12125550007', 'mms'), '12125550007', 'fixed', 'mms'))
  await check('powerpack.add_number, not a number', '400', () => refused(powerpack.add_number('1111111'), 400))
  await check('powerpack.add_tollfree', 'the number', async () =>
    isNumber(await powerpack.add_tollfree('18555550003'), '18555550003', 'tollfree', 'sms'))
  await check('powerpack.remove_number', 'gone', async () => {
    assert.strictEqual((await powerpack.remove_number('12125550006')).response, 'success')
    await refused(powerpack.find_number('12125550006'), 404)
  })
  await check('powerpack.remove_number, unrent', 'gone', async () => {
    assert.strictEqual((await powerpack.remove_number('12125550007', true)).response, 'success')
    await refused(powerpack.remove_number('12125550007'), 404)
  })
  await check('powerpack.remove_tollfree', 'gone', async () => {
    assert.strictEqual((await powerpack.remove_tollfree('18555550003')).response, 'success')
    await refused(powerpack.find_tollfree('18555550003'), 404)
  })
  await check('powerpack.remove_shortcode', 'gone', async () => {
    assert.strictEqual((await powerpack.remove_shortcode('34567')).response, 'success')
    await refused(powerpack.find_shortcode('34567'), 404)
  })
}

async function buying (powerpack) {
  await check('numbers.search', 'numbers to rent', async () => {
    const found = await client.numbers.search('US', { type: 'local', pattern: '512', limit: 3 })
    const numbers = Array.from(found).map(item => item.number)
    assert.strictEqual(numbers.length, 3)
    numbers.forEach(number => assert.match(number, /^1512\d{7}$/))
    assert.strictEqual(found[0].smsEnabled, true)
    assert.match(found[0].monthlyRentalRate, /^\d+\.\d+$/)
  })
  await check('numbers.search, none', 'an empty list', async () =>
    assert.strictEqual(Array.from(await client.numbers.search('US', { pattern: '9999999' })).length, 0))
  await check('powerpack.buy_add_number, number', 'rented and added', async () => {
    const bought = await powerpack.buy_add_number({ number: '13105550008' })
    assert.strictEqual(bought.number, '13105550008')
    assert.strictEqual((await powerpack.find_number('13105550008')).number, '13105550008')
  })
  await check('powerpack.buy_add_number, search', 'rented and added', async () => {
    const bought = await powerpack.buy_add_number({ type: 'fixed', country_iso2: 'CA', pattern: '416' })
    assert.match(bought.number, /^1416\d{7}$/)
    const found = await client.numbers.search('CA', { pattern: bought.number.slice(1) })
    assert.strictEqual(Array.from(found).length, 0)
  })
  await check('powerpack.buy_add_number, none', '400', () =>
    refused(powerpack.buy_add_number({ country_iso2: 'US', pattern: '9999999' }), 400),
  'buys the error text of a failed search')
}

async function pool (powerpack) {
  const { numbers, shortcodes, tollfree } = powerpack.number_pool
  await check('number_pool.numbers.list', '7 numbers, 2 of them bought', async () =>
    assert.strictEqual((await numbers.list({ limit: 2 })).meta.totalCount, 7))
  await check('number_pool.numbers.count', '1', async () =>
    assert.strictEqual(await numbers.count({ type: 'mobile', country_iso2: 'GB' }), 1))
  await check('number_pool.numbers.find', 'the number', async () =>
    isNumber(await numbers.find('447400230004'), '447400230004', 'mobile', 'sms'))
  await check('number_pool.numbers.add', 'the number', async () =>
    isNumber(await numbers.add('12125550009', 'mms'), '12125550009', 'fixed', 'mms'))
  await check('number_pool.numbers.buy_add_number', 'rented and added', async () =>
    assert.strictEqual((await numbers.buy_add_number({ number: '13105550010' })).number, '13105550010'))
  await check('number_pool.numbers.remove', '400', () => refused(numbers.remove('12125550009'), 400),
    'sends unrent as a string')
  await check('number_pool.shortcodes.list', '1 shortcode', async () =>
    assert.strictEqual((await shortcodes.list()).meta.totalCount, 1))
  await check('number_pool.shortcodes.find', 'the shortcode', async () =>
    assert.strictEqual((await shortcodes.find('23456')).shortcode, '23456'))
  await check('number_pool.shortcodes.remove', 'gone', async () => {
    await shortcodes.remove('23456')
    await refused(shortcodes.find('23456'), 404)
  })
  await check('number_pool.tollfree.list', '2 numbers', async () =>
    assert.strictEqual((await tollfree.list()).meta.totalCount, 2))
  await check('number_pool.tollfree.find', 'the number', async () =>
    isNumber(await tollfree.find('18005550001'), '18005550001', 'tollfree', 'sms'))
  await check('number_pool.tollfree.add', 'the number', async () =>
    isNumber(await tollfree.add('18775550004'), '18775550004', 'tollfree', 'sms'))
  await check('number_pool.tollfree.remove', '400', () => refused(tollfree.remove('18775550004'), 400),
    'sends unrent as a string')
}

async function ending (powerpack) {
  const stranger = new plivo.Client(AUTH_ID, 'not-the-token', { url })
  await check('powerpacks.get, wrong token', '401', () => refused(stranger.powerpacks.get(POWERPACK), 401))
  await check('powerpack.delete, unrent_numbers', 'gone', async () => {
    await powerpack.delete(true)
    await refused(powerpack.list_numbers(), 404)
  })
}

function print () {
  const width = Math.max(...rows.map(row => row.operation.length))
  const expected = Math.max(...rows.map(row => row.expected.length))
  for (const row of rows) {
    const notes = [row.wrong && `the SDK is wrong: it ${row.wrong}`, row.problem].filter(Boolean).join('; ')
    console.log(`${row.ok ? 'ok    ' : 'FAILED'}  ${row.operation.padEnd(width)}  ${row.expected.padEnd(expected)}  ${notes}`.trimEnd())
  }
  console.log(`\n${passed} passed, ${failed} failed`)
}

async function main () {
  await powerpacks()
  const powerpack = await client.powerpacks.get(POWERPACK)
  for (const part of [lists, single, changes, buying, pool, ending]) await part(powerpack)
  print()
  process.exit(failed === 0 ? 0 : 1)
}

main().catch(problem => {
  print()
  console.error(problem)
  process.exit(1)
})
