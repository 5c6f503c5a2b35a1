// Stops a script with one clear sentence when it runs on a Node older than the product supports,
// which happens when the optional runtime package of this platform was not installed.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `kubectl-netdebug needs Node 22.19 or newer to build and test; this is ${process.versions.node}.\n` +
      'npm ci installs Node 24 from npm for linux, macOS and windows unless optional packages are left out.\n' +
      'Try: npm ci --include=optional',
  );
  process.exit(1);
}
