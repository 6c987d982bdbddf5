// A little comfort: filter, search, sort, and open the row that a link points at.
(function () {
  "use strict";
  var list = document.getElementById("rows"), form = document.getElementById("filter");
  function point() {
    var at = /^#s\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (at) {
      at.hidden = false;
      at.querySelector("details").open = true;
      at.scrollIntoView();
    }
  }
  window.addEventListener("hashchange", point);
  if (list && form) {
    var rows = Array.prototype.slice.call(list.children), texts = new Map(), timer = 0;
    var box = function (id) { return document.getElementById(id); };
    var grave = ["decline", "ask", "disclosure", "silent", "not-judged"];
    var text = function (row) {
      if (!texts.has(row)) { texts.set(row, row.textContent.toLowerCase()); }
      return texts.get(row);
    };
    var title = function (row) { return row.querySelector(".title").textContent.toLowerCase(); };
    var on = function (id) { var it = box(id); return it !== null && it.checked; };
    var filter = function () {
      var words = box("f-text").value.toLowerCase().split(/\s+/).filter(Boolean);
      var outcome = box("f-outcome").value, says = box("f-says").value;
      var differs = on("f-differs"), newest = on("f-newest"), shown = 0;
      rows.forEach(function (row) {
        var data = row.dataset;
        var fits = (!outcome || data.o === outcome)
          && (!says || (says === "n" ? data.s === "" : data.s.indexOf(says) >= 0))
          && (!differs || "x" in data) && (!newest || "n" in data)
          && words.every(function (word) { return text(row).indexOf(word) >= 0; });
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      box("f-count").textContent = shown + " of " + rows.length + " shown";
    };
    var sort = function () {
      var by = box("f-sort").value, sorted = rows.slice();
      if (by === "date") { sorted.reverse(); }
      if (by === "outcome") { sorted.sort(function (a, b) { return grave.indexOf(a.dataset.o) - grave.indexOf(b.dataset.o); }); }
      if (by === "title") { sorted.sort(function (a, b) { return title(a).localeCompare(title(b)); }); }
      if (by === "patches") { sorted.sort(function (a, b) { return b.dataset.p - a.dataset.p; }); }
      if (by === "lines") { sorted.sort(function (a, b) { return b.dataset.l - a.dataset.l; }); }
      var all = document.createDocumentFragment();
      sorted.forEach(function (row) { all.appendChild(row); });
      list.appendChild(all);
    };
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("change", function (event) {
      if (event.target.id === "f-sort") { sort(); } else { filter(); }
    });
    box("f-text").addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(filter, 120);
    });
    form.hidden = false;
    form.reset();
    filter();
  }
  point();
}());
