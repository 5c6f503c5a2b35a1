#!/usr/bin/env node
// kubectl_complete-netdebug of the npm package: there the name it was started by is not kept on every system.
process.argv.splice(2, 0, '__complete');
require('./start.cjs');
