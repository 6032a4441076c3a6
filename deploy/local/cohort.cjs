#!/usr/bin/env node
'use strict';
/** `npx cohort <command>`: builds if needed, and runs a command line of apps/cohort. Its stdout has the result alone. */
const path = require('node:path');
const { DIST, checkNode, ensureBuild, ensurePackages, main } = require('./bootstrap.cjs');

void main(async () => {
  checkNode();
  await ensurePackages();
  await ensureBuild(process.stderr);
  const { run } = require(path.join(DIST, 'apps/cohort/src/main.js'));
  process.exitCode = await run(process.argv.slice(2));
});
