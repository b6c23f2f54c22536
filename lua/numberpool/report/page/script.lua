--- The script of a report's page: sorting, filtering and paging of its table, and the switch between light and dark.
-- Its hash is in page/hashes.lua.
-- @module numberpool.report.page.script

return [==[
(function () {
"use strict";
var root = document.documentElement;
var data = JSON.parse(document.getElementById("data").textContent);
var words = data.words, rows = data.rows;
var NUMBER = 0, KIND = 1, ADDED = 6, MOST_PRINTED = 2000;
var names = ["number", "kind", "country", "area_code", "type", "service", "added"];
var body = document.getElementById("rows");
var state = document.getElementById("state");
var find = document.getElementById("find");
var size = document.getElementById("size");
var previous = document.getElementById("previous");
var next = document.getElementById("next");
var heads = Array.prototype.slice.call(document.querySelectorAll("#table thead th"));
var selects = Array.prototype.slice.call(document.querySelectorAll("select[data-column]"));
var shown = null, page = 0, sorted = -1, is_down = false, texts = null;

function value(row, column) {
  return column === NUMBER || column === ADDED ? row[column] : words[row[column]];
}

function counted(number) {
  return number.toLocaleString("en");
}

// What a search looks at: digits as they are dialled, and every word of the row.
function text_of(row) {
  var text = "";
  for (var column = 0; column < names.length; column++) text += value(row, column) + " ";
  return text.toLowerCase();
}

function search_text() {
  var text = find.value.trim().toLowerCase();
  return /^[-+().\/\s\d]+$/.test(text) && /\d/.test(text) && !/^\d{4}-/.test(text) && !/^\+1 \d{3}$/.test(text)
    ? text.replace(/\D/g, "") : text;
}

// Indexes of the words that a select takes; null for all.
function wanted() {
  return selects.filter(function (select) {
    return select.value !== "";
  }).map(function (select) {
    return { column: Number(select.dataset.column), word: words.indexOf(select.value.slice(1)) };
  });
}

function choose() {
  var text = search_text(), filters = wanted();
  if (text && !texts) texts = rows.map(text_of);
  shown = [];
  for (var i = 0; i < rows.length; i++) {
    var is_wanted = !text || texts[i].indexOf(text) >= 0;
    for (var f = 0; is_wanted && f < filters.length; f++) {
      is_wanted = rows[i][filters[f].column] === filters[f].word;
    }
    if (is_wanted) shown.push(i);
  }
  if (sorted >= 0) sort();
  page = 0;
}

// What isn't known comes last, in either direction.
function sort() {
  var column = sorted, sign = is_down ? -1 : 1;
  var keys = rows.map(function (row) { return value(row, column); });
  shown.sort(function (a, b) {
    var left = keys[a], right = keys[b];
    if (left === right) return a - b;
    if (left === "") return 1;
    if (right === "") return -1;
    return left < right ? -sign : sign;
  });
}

function cell(row, column) {
  var td = document.createElement("td");
  td.setAttribute("role", "cell");
  if (column === NUMBER) td.className = "number";
  td.textContent = column === ADDED ? row[column].replace("T", " ").replace("Z", "") : value(row, column);
  return td;
}

// Not `disabled`, which takes the focus away from who has just used the button.
function set_usable(button, is_usable) {
  button.setAttribute("aria-disabled", String(!is_usable));
}

function turn(button, pages) {
  button.addEventListener("click", function () {
    if (button.getAttribute("aria-disabled") === "true") return;
    page += pages;
    draw();
  });
}

function draw(count) {
  var first = count ? 0 : page * Number(size.value);
  var last = Math.min(first + (count || Number(size.value)), shown.length);
  var part = document.createDocumentFragment();
  for (var i = first; i < last; i++) {
    var tr = document.createElement("tr");
    tr.setAttribute("role", "row");
    for (var column = 0; column < names.length; column++) tr.appendChild(cell(rows[shown[i]], column));
    part.appendChild(tr);
  }
  body.textContent = "";
  body.appendChild(part);
  state.textContent = shown.length === 0 ? "No entry is like that"
    : counted(first + 1) + " to " + counted(last) + " of " + counted(shown.length)
      + (shown.length < rows.length ? ", filtered from " + counted(rows.length) : "");
  set_usable(previous, first > 0);
  set_usable(next, last < shown.length);
}

function update() {
  choose();
  draw();
}

heads.forEach(function (head, column) {
  var button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent.trim();
  head.textContent = "";
  head.appendChild(button);
  button.addEventListener("click", function () {
    is_down = sorted === column && !is_down;
    sorted = column;
    heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", is_down ? "descending" : "ascending");
    page = 0;
    sort();
    draw();
  });
});

var timer = 0;
find.addEventListener("input", function () {
  clearTimeout(timer);
  timer = setTimeout(update, rows.length > 5000 ? 150 : 0);
});
selects.forEach(function (select) { select.addEventListener("change", update); });
size.addEventListener("change", function () { page = 0; draw(); });
turn(previous, -1);
turn(next, 1);
document.getElementById("clear").addEventListener("click", function () {
  find.value = "";
  selects.forEach(function (select) { select.value = ""; });
  update();
  find.focus();
});

// Names of countries, and labels of bars that filter the table.
var regions = null;
try { regions = new Intl.DisplayNames(["en"], { type: "region" }); } catch (e) { /* codes will do */ }
function region(code) {
  try { return /^[A-Z]{2}$/.test(code) && regions ? regions.of(code) : ""; } catch (e) { return ""; }
}
Array.prototype.forEach.call(document.querySelectorAll("th[data-column]"), function (label) {
  var select = document.getElementById("by-" + names[label.dataset.column]);
  var button = document.createElement("button");
  button.type = "button";
  button.textContent = label.textContent;
  var name = Number(label.dataset.column) === 2 ? region(label.textContent) : "";
  if (name && name !== label.textContent) {
    var small = document.createElement("small");
    small.textContent = " " + name;
    button.appendChild(small);
  }
  button.title = "Show these in the table";
  button.addEventListener("click", function () {
    select.value = "=" + label.dataset.value;
    update();
    document.getElementById("entries").scrollIntoView();
    select.focus({ preventScroll: true });
  });
  label.textContent = "";
  label.appendChild(button);
});

// Light and dark: as the system says, until the switch says otherwise.
var theme = document.getElementById("theme");
var system = window.matchMedia("(prefers-color-scheme: dark)");
function is_dark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
}
function name_theme() {
  theme.textContent = is_dark() ? "Light colours" : "Dark colours";
}
function keep(name) {
  try { localStorage.setItem("numberpool-theme", name); } catch (e) { /* until the page is left, then */ }
}
try {
  var kept = localStorage.getItem("numberpool-theme");
  if (kept === "dark" || kept === "light") root.dataset.theme = kept;
} catch (e) { /* as the system says */ }
theme.addEventListener("click", function () {
  root.dataset.theme = is_dark() ? "light" : "dark";
  keep(root.dataset.theme);
  name_theme();
});
if (system.addEventListener) system.addEventListener("change", name_theme);

window.addEventListener("beforeprint", function () { draw(MOST_PRINTED); });
window.addEventListener("afterprint", function () { draw(); });

Array.prototype.forEach.call(document.querySelectorAll("[hidden]"), function (element) { element.hidden = false; });
name_theme();
update();
})();
]==]
