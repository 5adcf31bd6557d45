#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must get as far as the message.
var required = [22, 16];
var found = process.versions.node.split('.').map(Number);

if (found[0] < required[0] || (found[0] === required[0] && found[1] < required[1])) {
  console.error('semel needs Node.js ' + required.join('.') + ' or later; this is ' + process.version);
  process.exitCode = 3;
} else {
  hideSqliteWarning();
  import('#cli');
}

/** Node calls its SQLite experimental on every start; every other warning stays. */
function hideSqliteWarning() {
  var emitWarning = process.emitWarning;
  process.emitWarning = function (warning) {
    if (String(warning).indexOf('SQLite is an experimental feature') === 0) return;
    emitWarning.apply(process, arguments);
  };
}
