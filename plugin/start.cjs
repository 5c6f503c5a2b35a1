#!/usr/bin/env node
// Started with the Node on PATH, which may be of any age: no syntax here that an old one cannot read.
var version = process.versions.node.split('.').map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 19)) {
  if (process.argv[2] === '__complete') {
    console.log(':4');
    process.exit(0);
  }
  console.error(
    'kubectl-netdebug needs Node 22.19 or newer; ' +
      process.execPath +
      ' is ' +
      process.versions.node +
      '.\n' +
      'Put a newer one first on PATH, or run npm ci in a checkout, which brings its own.'
  );
  process.exit(4);
}
import('./lib/cli.mjs');
