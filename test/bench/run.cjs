'use strict';
/** `npm run bench`: gets what is missing, builds, and measures what was built. */
const path = require('node:path');
const { checkNode, ensureBuild, ensureNatsServer, ensurePackages, main } = require('../../deploy/local/bootstrap.cjs');

void main(async () => {
  checkNode();
  await ensurePackages();
  if (!process.env.NATS_SERVER_COMMAND && !process.env.NATS_URL)
    process.env.PATH += path.delimiter + path.dirname(await ensureNatsServer());
  await ensureBuild();
  require('../support/ts-register.cjs');
  await require('./main.ts').main(process.argv.slice(2));
});
