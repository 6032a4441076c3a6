'use strict';
/** `npm start`: installs missing dependencies, builds, and starts the whole service on this machine. */
process.title = 'cohort';
const path = require('node:path');
const { DIST, checkNode, ensureBuild, ensureNatsServer, ensurePackages, main } = require('./bootstrap.cjs');
const { whenNpmEnds } = require('./npm.cjs');

/** Ends a preparation that is under way. The launcher replaces it. */
let npmHasEnded = () => process.kill(process.pid, 'SIGTERM');

void main(async () => {
  whenNpmEnds(() => npmHasEnded());
  checkNode();
  await ensurePackages();
  const natsServer = process.env.NATS_URL ? undefined : await ensureNatsServer();
  await ensureBuild();
  const { launch } = require(path.join(DIST, 'deploy/local/launcher.js'));
  await launch(natsServer, (stop) => (npmHasEnded = stop));
});
