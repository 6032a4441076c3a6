// Four tiers, told apart by suffix alone: unit specs stand beside the code, the others in test/.
const tier = (displayName, testRegex) => ({
  displayName,
  testRegex,
  rootDir: __dirname,
  testEnvironment: 'node',
  // Types are checked once, by `npm run typecheck`; here they are only stripped, so that a spec starts fast.
  transform: { '^.+\\.ts$': ['ts-jest', { diagnostics: false, tsconfig: 'tsconfig.json' }] },
  moduleNameMapper: { '^@cohort/([a-z-]+)$': '<rootDir>/libs/$1/src' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/data/'],
  setupFiles: ['reflect-metadata'],
});

module.exports = {
  testTimeout: 120_000,
  projects: [
    tier('unit', '(apps|libs|deploy)/.*\\.spec\\.ts$'),
    tier('integration', 'test/.*\\.int-spec\\.ts$'),
    tier('e2e', 'test/.*\\.e2e-spec\\.ts$'),
    tier('container', 'test/.*\\.container-spec\\.ts$'),
  ],
};
