const { availableParallelism } = require('node:os');

// Four tiers, told apart by suffix alone: unit specs stand beside the code and in test/structure, the others in test/.
const tier = (displayName, testRegex, more = {}) => ({
  displayName,
  testRegex,
  rootDir: __dirname,
  testEnvironment: 'node',
  // Types are checked once, by `npm run typecheck`; here they are only stripped, so that a spec starts fast.
  transform: { '^.+\\.ts$': ['ts-jest', { diagnostics: false, tsconfig: 'tsconfig.json' }] },
  moduleNameMapper: { '^@cohort/([a-z-]+)(/testing)?$': '<rootDir>/libs/$1/src$2' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/data/'],
  setupFiles: ['reflect-metadata'],
  ...more,
});

// Builds, and starts services that specs share, when a spec asks for it.
const withHost = {
  globalSetup: '<rootDir>/test/support/service/setup.ts',
  globalTeardown: '<rootDir>/test/support/service/teardown.ts',
};

const projects = [
  tier('unit', '(apps|libs|deploy|test/structure)/.*\\.spec\\.ts$'),
  tier('integration', 'test/.*\\.int-spec\\.ts$', withHost),
  tier('e2e', 'test/.*\\.e2e-spec\\.ts$', withHost),
  tier('container', 'test/.*\\.container-spec\\.ts$', withHost),
];

// Jest takes every word after --selectProjects for a project's name, and then silently runs all files of the project.
const option = process.argv.indexOf('--selectProjects');
const words = option < 0 ? [] : process.argv.slice(option + 1);
const end = words.findIndex((word) => word.startsWith('-'));
const path = words
  .slice(0, end < 0 ? undefined : end)
  .find((word) => !projects.some((one) => one.displayName === word));
if (path !== undefined) throw new Error(`"${path}" is no project: name files before --selectProjects.`);

// Specs wait for processes more than they compute, and each worker may have a service of its own in memory.
const maxWorkers = Math.min(4, Math.max(2, availableParallelism()));

module.exports = { testTimeout: 120_000, maxWorkers, projects };
