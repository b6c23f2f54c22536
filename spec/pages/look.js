"use strict";
// Looks at pages in headless Chromium: node look.js FOLDER CHROMIUM. A line for each thing that is looked at; at the
// end `N passed, N failed`. SHOTS=folder has pictures of them left there.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const [folder, executablePath] = process.argv.slice(2);
const shots = process.env.SHOTS;
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
let browser, passed = 0, failed = 0;

function url(name) {
  return "file://" + path.join(folder, name);
}

// Opens a page, has `look` look at it, and checks that it asked for nothing, and complained of nothing but what `look`
// returns patterns of.
async function open(name, options, look) {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  const page = await context.newPage();
  const complaints = [], requests = [];
  page.setDefaultTimeout(30000);
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => { complaints.push("dialog: " + dialog.message()); dialog.dismiss(); });
  context.on("request", (request) => requests.push(request.url()));
  try {
    await page.goto(url(name));
    const patterns = (await look(page)) || [];
    assert.equal(complaints.length, patterns.length, complaints.join("\n"));
    patterns.forEach((pattern, i) => assert.match(complaints[i], pattern));
    assert.deepEqual(requests.filter((asked) => asked !== url(name) && !asked.startsWith("data:")), [], "no request");
  } finally {
    await context.close();
  }
}

async function it(what, work) {
  const started = Date.now();
  try {
    await work();
    passed++;
    console.log(`ok      ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log("not ok  " + what + "\n" + (error.stack || error));
  }
}

function texts(page, selector) {
  return page.$$eval(selector, (found) => found.map((element) => element.textContent.trim()));
}

function column(page, index) {
  return texts(page, `#rows td:nth-child(${index})`);
}

function state(page) {
  return page.textContent("#state");
}

// Waits until the page says so, and fails with what it says instead.
async function says(page, wanted) {
  try {
    await page.waitForFunction((text) => document.getElementById("state").textContent === text, wanted,
      { timeout: 30000 });
  } catch (error) {
    assert.equal(await state(page), wanted);
  }
}

function head(page, name) {
  return page.getByRole("columnheader", { name }).getByRole("button");
}

function sort_of(page, name) {
  return page.getByRole("columnheader", { name }).getAttribute("aria-sort");
}

async function serious(page) {
  const found = await page.evaluate(axe + ";axe.run(document, { resultTypes: ['violations'] })");
  return found.violations.filter((violation) => violation.impact !== "minor")
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

function ground(page) {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

async function shoot(page, name) {
  if (shots) await page.screenshot({ path: path.join(shots, name), fullPage: name.includes("full") });
}

async function look_at_figures() {
  await it("the totals are those of the pool", () => open("pool.html", {}, async (page) => {
    assert.equal(await page.textContent("#total"), "160");
    assert.equal(await page.textContent("#total-numbers"), "149");
    assert.equal(await page.textContent("#total-tollfree"), "9");
    assert.equal(await page.textContent("#total-shortcodes"), "2");
    assert.equal(await page.locator(".notes").count(), 0);
    assert.deepEqual(await texts(page, "h2"), ["Countries", "Area codes", "Types", "Services", "Added", "Entries"]);
    const areas = page.getByRole("region", { name: "Area codes" }).getByRole("row", { name: /^\+1 512/ });
    assert.match(await areas.textContent(), /^\+1 51212075\.9%$/);
    assert.ok(await areas.locator("svg rect").isVisible());
    await page.getByRole("region", { name: "Countries" }).getByRole("button", { name: "US United States" }).waitFor();
  }));

  await it("an empty pool has a page too", () => open("empty.html", {}, async (page) => {
    assert.equal(await page.textContent("#total"), "0");
    assert.equal(await state(page), "No entry is like that");
    assert.deepEqual(await serious(page), []);
  }));

  await it("is all there without its script, but for the tools", () =>
    open("pool.html", { javaScriptEnabled: false }, async (page) => {
      assert.equal(await page.locator("#rows tr").count(), 50);
      assert.equal(await page.locator("#total").textContent(), "160");
      assert.equal(await page.locator(".tools").isVisible(), false);
      assert.equal(await page.locator("#theme").isVisible(), false);
    }));
}

async function look_at_table() {
  await it("a click on a column's head sorts by it, a second one the other way", () =>
    open("pool.html", {}, async (page) => {
      assert.equal(await state(page), "1 to 50 of 160");
      await head(page, "Number").click();
      assert.equal(await sort_of(page, "Number"), "ascending");
      const up = await column(page, 1);
      assert.deepEqual(up, [...up].sort());
      await head(page, "Number").click();
      assert.equal(await sort_of(page, "Number"), "descending");
      assert.equal((await column(page, 1))[0], "447946010009");
      await head(page, "Country").click();
      assert.equal(await sort_of(page, "Number"), null);
      assert.equal((await column(page, 3))[0], "CA");
    }));

  await it("what isn't known comes last, either way", () => open("pool.html", {}, async (page) => {
    await page.getByLabel("Rows a page").selectOption("200");
    for (const _ of [1, 2]) {
      await head(page, "Service").click();
      const services = await column(page, 6);
      assert.equal(services.length, 160);
      assert.deepEqual(services.slice(-2), ["", ""]);
    }
  }));

  await it("the table can be sorted and turned with the keyboard alone", () => open("pool.html", {}, async (page) => {
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.id === "entries");
    for (let i = 0; i < 8; i++) await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Number");
    await page.keyboard.press("Space");
    assert.equal(await sort_of(page, "Number"), "ascending");
    await page.locator("#next").focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press("Enter");
    assert.equal(await state(page), "151 to 160 of 160");
    assert.equal(await page.evaluate(() => document.activeElement.id), "next");
  }));

  await it("the search filters, by digits however they are written and by words", () =>
    open("pool.html", {}, async (page) => {
      const find = page.getByLabel("Search");
      await find.fill("+1 (416) 555-0003");
      await says(page, "1 to 1 of 1, filtered from 160");
      assert.deepEqual(await column(page, 1), ["14165550003"]);
      await find.fill("mms");
      await says(page, "1 to 40 of 40, filtered from 160");
      await find.fill("+1 416");
      await says(page, "1 to 20 of 20, filtered from 160");
      await find.fill("nowhere");
      await says(page, "No entry is like that");
      await page.getByRole("button", { name: "Show all" }).click();
      await says(page, "1 to 50 of 160");
    }));

  await it("selects filter, together, and so does a bar's label", () => open("pool.html", {}, async (page) => {
    await page.locator("#by-country").selectOption("CA"); // with a shortcode
    await says(page, "1 to 21 of 21, filtered from 160");
    await page.locator("#by-service").selectOption("mms");
    await says(page, "No entry is like that");
    await page.getByRole("button", { name: "Show all" }).click();
    await page.locator("#by-kind").selectOption("shortcode");
    await says(page, "1 to 2 of 2, filtered from 160");
    await page.getByRole("button", { name: "Show all" }).click();
    await page.getByRole("button", { name: "GB United Kingdom" }).click();
    await says(page, "1 to 9 of 9, filtered from 160");
    assert.equal(await page.locator("#by-country").inputValue(), "=GB");
  }));
}

async function look_at_looks() {
  await it("dark differs from light, and the switch stands above the system", () => {
    const grounds = [];
    return open("pool.html", { colorScheme: "light" }, async (page) => {
      grounds.push(await ground(page));
      await shoot(page, "desktop-light-full.png");
      await page.getByRole("button", { name: "Dark colours" }).click();
      grounds.push(await ground(page));
      assert.notEqual(grounds[0], grounds[1]);
      await page.reload();
      assert.equal(await ground(page), grounds[1]);
      await page.getByRole("button", { name: "Light colours" }).click();
      assert.equal(await ground(page), grounds[0]);
    }).then(() => open("pool.html", { colorScheme: "dark" }, async (page) => {
      assert.equal(await ground(page), grounds[1]);
      await shoot(page, "desktop-dark.png");
    }));
  });

  for (const name of ["pool.html", "hostile.html", "large.html"]) {
    await it(`a phone shows ${name} without sideways scroll`, () =>
      open(name, { viewport: PHONE, isMobile: true, hasTouch: true }, async (page) => {
        const { wide, view } = await page.evaluate(() =>
          ({ wide: document.documentElement.scrollWidth, view: window.innerWidth }));
        assert.ok(wide <= PHONE.width && view <= PHONE.width, `${wide} and ${view} of ${PHONE.width}`);
        await head(page, "Number").tap();
        assert.equal(await sort_of(page, "Number"), "ascending");
        await shoot(page, `phone-light-${name}.png`);
      }));
  }

  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [DESKTOP, PHONE]) {
      for (const name of ["cut.html", "hostile.html"]) {
        await it(`axe finds nothing in ${name} in ${colorScheme} at ${viewport.width}`, () =>
          open(name, { colorScheme, viewport }, async (page) => {
            assert.ok(await page.locator(name === "cut.html" ? ".columns" : ".notes").isVisible());
            await head(page, "Number").click();
            for (const summary of await page.locator("summary").all()) await summary.click();
            if (viewport === PHONE) await shoot(page, `phone-${colorScheme}-${name}-full.png`);
            assert.deepEqual(await serious(page), []);
          }));
      }
    }
  }

  await it("it prints light, without tools, with more rows than a page of the table has", () =>
    open("pool.html", { colorScheme: "dark" }, async (page) => {
      await page.emulateMedia({ media: "print" });
      assert.equal(await ground(page), "rgb(255, 255, 255)");
      assert.equal(await page.locator(".tools").isVisible(), false);
      await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
      assert.equal(await page.locator("#rows tr").count(), 160);
      await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
      assert.equal(await page.locator("#rows tr").count(), 50);
      const pdf = await page.pdf();
      assert.equal(pdf.subarray(0, 4).toString(), "%PDF");
    }));
}

async function look_at_bad_and_large() {
  await it("text of the server is text", () => open("hostile.html", {}, async (page) => {
    assert.equal(await page.locator("#taken, img, #rows b, #rows i").count(), 0);
    assert.match(await page.title(), /^Number pool 5e1f0a52/);
    const types = await column(page, 5);
    assert.ok(types[0].startsWith("</script><script>document.title='taken'</script><img src=x"), types[0]);
    assert.equal(types[1], "\\u{202e}dexif");
    assert.deepEqual((await column(page, 6)).slice(0, 2), ["sms\\u{2028}\\x00\\x1b[31m", "\\xff\\xfe"]);
    assert.equal((await column(page, 1))[1], "<!--<script>");
    assert.equal((await column(page, 7))[0], "<i id=taken>yesterday</i>");
    await page.locator("#by-type").selectOption({ index: 1 });
    await page.waitForFunction(() => document.querySelectorAll("#rows tr").length === 1);
    const notes = await texts(page, ".notes li");
    assert.ok(notes.includes("service: not known of 2 of 4 entries"), notes.join("; "));
  }));

  await it("its policy stops what isn't the page's own", () => open("pool.html", {}, async (page) => {
    await page.evaluate(() => {
      for (const name of ["script", "style"]) {
        const element = document.createElement(name);
        element.textContent = name === "script" ? "window.taken = true" : "body { background: rgb(1, 2, 3) }";
        document.body.append(element);
      }
      return fetch("https://example.invalid/").catch(() => null);
    });
    assert.equal(await page.evaluate(() => window.taken), undefined);
    assert.notEqual(await ground(page), "rgb(1, 2, 3)");
    return [/script violates .* Content Security Policy/, /style violates .* Content Security Policy/,
      /example\.invalid.* violates .* Content Security Policy/, /Fetch API cannot load/];
  }));

  await it("100,000 entries can be sorted, searched and turned, each within 10 s", () =>
    open("large.html", {}, async (page) => {
      assert.equal(await page.textContent("#total"), "100,000");
      assert.ok(await page.getByRole("img", { name: /^Entries added by year/ }).isVisible());
      const within = async (what, work) => {
        const started = Date.now();
        await work();
        const seconds = (Date.now() - started) / 1000;
        assert.ok(seconds < 10, `${what}: ${seconds} s`);
      };
      await within("sort", () => head(page, "Added").click());
      await within("sort back", () => head(page, "Added").click());
      assert.match((await column(page, 7))[0], /^2023-/);
      await within("search", async () => {
        await page.getByLabel("Search").fill("2015550");
        await says(page, "1 to 13 of 13, filtered from 100,000");
      });
      await within("show all", async () => {
        await page.getByRole("button", { name: "Show all" }).click();
        await says(page, "1 to 50 of 100,000");
      });
      await within("next", () => page.locator("#next").click());
      assert.equal(await state(page), "51 to 100 of 100,000");
    }));

  await it("a table that is cut says so, and the figures don't", () => open("cut.html", {}, async (page) => {
    assert.match(await page.textContent("#left-out"), /^The table has the first 500 of 100,000 entries/);
    assert.equal(await page.textContent("#total"), "100,000");
    assert.equal(await state(page), "1 to 50 of 500");
  }));
}

async function main() {
  const args = process.getuid && process.getuid() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath, args });
  try {
    await look_at_figures();
    await look_at_table();
    await look_at_looks();
    await look_at_bad_and_large();
  } finally {
    await browser.close();
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
