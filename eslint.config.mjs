import boundaries from 'eslint-plugin-boundaries';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

// The import arrows of docs/architecture.md. A folder may import what its line names, and nothing else of ours.
const libs = ['bus', 'client', 'contracts', 'embedded-event-store', 'event-store', 'group', 'process', 'read-model'];
const arrows = {
  contracts: [],
  group: ['contracts'],
  'event-store': ['contracts'],
  'read-model': ['contracts'],
  bus: ['contracts'],
  client: ['contracts'],
  process: ['contracts'],
  'embedded-event-store': [],
  'app-command': ['contracts', 'group', 'event-store', 'bus', 'process'],
  'app-query': ['contracts', 'event-store', 'read-model', 'bus', 'process'],
  'app-worker': ['contracts', 'event-store', 'bus', 'client', 'process'],
  'app-gateway': ['contracts', 'client', 'bus', 'process'],
  deploy: ['contracts', 'process', 'embedded-event-store'],
  test: [...libs, 'app-command', 'app-query', 'app-worker', 'app-gateway', 'deploy'],
};
const apps = ['command', 'query', 'worker', 'gateway'];

// Only one folder knows each engine.
const engines = {
  '@eventstore/db-client': ['event-store'],
  nats: ['bus', 'client'],
  libsql: ['read-model', 'embedded-event-store'],
};
const engineRule = (folder) => [
  'error',
  {
    paths: Object.entries(engines)
      .filter(([, homes]) => !homes.includes(folder))
      .map(([name, homes]) => ({ name, message: `Only libs/${homes.join(' and libs/')} may import ${name}.` })),
    patterns: ['@cohort/*/*', '@nestjs/*/dist/*', '@nestjs/*/*/*'],
  },
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'data', 'coverage'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { boundaries },
    settings: {
      'boundaries/elements': [
        ...libs.map((name) => ({ type: name, pattern: `libs/${name}` })),
        ...apps.map((name) => ({ type: `app-${name}`, pattern: `apps/${name}` })),
        { type: 'deploy', pattern: 'deploy' },
        { type: 'test', pattern: 'test' },
      ],
      'import/resolver': { typescript: { project: './tsconfig.json' } },
    },
    rules: {
      'boundaries/element-types': [
        'error',
        {
          default: 'disallow',
          rules: Object.entries(arrows).map(([from, allow]) => ({ from: [from], allow: [from, ...allow] })),
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      eqeqeq: 'error',
    },
  },
  ...[...libs.map((name) => ['libs', name]), ...apps.map((name) => ['apps', name])].map(([root, name]) => ({
    files: [`${root}/${name}/**/*.ts`],
    rules: { 'no-restricted-imports': engineRule(name) },
  })),
  {
    // Decorated DTOs and Nest classes may be empty; specs may use loose matchers.
    files: ['**/*.ts'],
    rules: { '@typescript-eslint/no-extraneous-class': 'off' },
  },
  prettier,
);
