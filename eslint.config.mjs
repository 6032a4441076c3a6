import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

// The import arrows of docs/architecture.md: a folder imports what its line names, and nothing else of ours.
const arrows = {
  'libs/contracts': [],
  'libs/group': ['contracts'],
  'libs/event-store': ['contracts'],
  'libs/read-model': ['contracts'],
  'libs/bus': ['contracts'],
  'libs/client': ['contracts'],
  'libs/process': ['contracts'],
  'libs/embedded-event-store': [],
  'apps/command': ['contracts', 'group', 'event-store', 'bus', 'client', 'process'],
  'apps/query': ['contracts', 'event-store', 'read-model', 'bus', 'process'],
  'apps/worker': ['contracts', 'event-store', 'bus', 'client', 'process'],
  'apps/gateway': ['contracts', 'bus', 'client', 'process'],
  deploy: ['contracts', 'process', 'embedded-event-store'],
};

// Only one folder knows each engine.
const engines = {
  '@eventstore/db-client': ['libs/event-store'],
  nats: ['libs/bus', 'libs/client'],
  libsql: ['libs/read-model', 'libs/embedded-event-store'],
};

const importRule = (folder, allowed) => [
  'error',
  {
    paths: Object.entries(engines)
      .filter(([, homes]) => !homes.includes(folder))
      .map(([name, homes]) => ({ name, message: `Only ${homes.join(' and ')} may import ${name}.` })),
    patterns: [
      {
        regex: `^@cohort/(?!(${allowed.join('|') || '-'})$)`,
        message: `${folder} may import ${allowed.length > 0 ? allowed.join(', ') : 'nothing of ours'} (docs/architecture.md).`,
      },
      {
        regex: '^(\\.\\./)+([a-z-]+/)*[a-z-]+/src(/|$)',
        message: 'Another folder is imported by its name, @cohort/<name>; an app never.',
      },
      { regex: '^@nestjs/[a-z-]+/', message: 'No deep imports into Nest: they change without notice.' },
    ],
  },
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'data', 'coverage'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      eqeqeq: 'error',
    },
  },
  ...Object.entries(arrows).map(([folder, allowed]) => ({
    files: [`${folder}/**/*.ts`],
    rules: { 'no-restricted-imports': importRule(folder, allowed) },
  })),
  // Only tests build events that no command wrote.
  ...Object.entries(arrows)
    .filter(([, allowed]) => allowed.includes('contracts'))
    .map(([folder, allowed]) => ({
      files: [`${folder}/**/*.spec.ts`, `${folder}/**/testing/**/*.ts`],
      rules: { 'no-restricted-imports': importRule(folder, [...allowed, 'contracts/testing']) },
    })),
  prettier,
);
