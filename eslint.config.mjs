import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

// The import arrows of docs/architecture.md: a folder imports the folders that its line names, and no other of ours.
const arrows = {
  'libs/surroundings': [],
  'libs/contracts': [],
  'libs/group': ['contracts'],
  'libs/event-store': ['contracts', 'surroundings'],
  'libs/read-model': ['contracts', 'surroundings'],
  'libs/bus': ['contracts', 'surroundings'],
  'libs/client': ['contracts'],
  'libs/file-store': ['contracts', 'surroundings'],
  'libs/process': ['contracts', 'surroundings'],
  'libs/embedded-event-store': ['surroundings'],
  'apps/command': ['contracts', 'group', 'event-store', 'bus', 'client', 'process', 'surroundings'],
  'apps/query': ['contracts', 'group', 'event-store', 'read-model', 'bus', 'client', 'process', 'surroundings'],
  'apps/worker': ['contracts', 'event-store', 'file-store', 'bus', 'client', 'process', 'surroundings'],
  'apps/gateway': ['contracts', 'file-store', 'bus', 'client', 'process', 'surroundings'],
  'apps/cohort': ['contracts', 'client', 'process', 'surroundings'],
  deploy: ['contracts', 'bus', 'process', 'embedded-event-store', 'surroundings'],
};

// Only one folder knows each engine.
const engines = {
  '@eventstore/db-client': ['libs/event-store'],
  nats: ['libs/bus', 'libs/client', 'libs/file-store'],
  libsql: ['libs/read-model', 'libs/embedded-event-store'],
};

// A feature has the same name on every floor (docs/decisions/0018-features.md). On a floor, it has a file or a folder.
const floors = [
  'libs/contracts/src/features',
  'libs/group/src/state',
  'libs/group/src/commands',
  'libs/group/src/testing',
  'libs/read-model/src/features',
  'apps/query/src/features',
  'apps/worker/src/notifications',
];
const here = (path) => join(import.meta.dirname, path);
const features = readdirSync(here('libs/contracts/src/features')).map((file) => file.replace(/\.ts$/, ''));
/** Names that the contracts of a feature export. */
const exportsOf = (feature) =>
  [
    ...readFileSync(here(`libs/contracts/src/features/${feature}.ts`), 'utf8').matchAll(
      /^export (?:abstract )?(?:class|interface|const|type) (\w+)/gm,
    ),
  ].map(([, name]) => name);
/** Imports across features that a decision page explains: the importing file and the feature that it imports. */
const acrossFeatures = { 'libs/group/src/state/roles': ['membership'] };

const among = (names) => `(${names.join('|')})(/|$)`;

/** A feature's file imports the ground floor and its own feature: never another feature, never a floor's registry. */
const featureRules = floors.flatMap((floor) =>
  features.flatMap((feature) => {
    const home = `${floor}/${feature}`;
    const folder = Object.keys(arrows).find((name) => floor.startsWith(`${name}/`));
    const others = features.filter((name) => name !== feature && !(acrossFeatures[home] ?? []).includes(name));
    const message = `${feature} may not import another feature; the registries join them (docs/decisions/0018-features.md).`;
    const allowed = [...arrows[folder], ...(floor.endsWith('/testing') ? ['contracts/testing'] : [])];
    const rule = (depth) =>
      importRule(folder, allowed, {
        paths: arrows[folder].includes('contracts')
          ? [{ name: '@cohort/contracts', importNames: others.flatMap(exportsOf), message }]
          : [],
        patterns: [
          { regex: `^(${depth}(${among(others)}|index$|$)|${depth.slice(0, -1)}$|(\\.\\./)+registry$)`, message },
        ],
      });
    return [
      { files: [`${home}.ts`], rules: { 'no-restricted-imports': rule('\\./') } },
      { files: [`${home}/*.ts`], ignores: ['**/*.spec.ts'], rules: { 'no-restricted-imports': rule('\\.\\./') } },
    ];
  }),
);

/** A dialect imports the frame (`dialect/`) and its own folder. */
const dialects = readdirSync(here('apps/gateway/src/dialects'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const dialectRules = dialects.map((dialect) => ({
  files: [`apps/gateway/src/dialects/${dialect}/**/*.ts`],
  ignores: ['**/*.spec.ts'],
  rules: {
    'no-restricted-imports': importRule('apps/gateway', arrows['apps/gateway'], {
      patterns: [
        {
          regex: `^(\\.\\./)+(dialects/|${among([...dialects.filter((name) => name !== dialect), '-'])})`,
          message: 'A dialect may not import another dialect (docs/decisions/0018-features.md).',
        },
      ],
    }),
  },
}));

function importRule(folder, allowed, { paths = [], patterns = [] } = {}) {
  return [
    'error',
    {
      paths: [
        ...Object.entries(engines)
          .filter(([, homes]) => !homes.includes(folder))
          .map(([name, homes]) => ({ name, message: `Only ${homes.join(' and ')} may import ${name}.` })),
        ...paths,
      ],
      patterns: [
        ...patterns,
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
}

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
  // An error that leaves the callback of a subscription ends the connection's reader (docs/decisions/0020-strangers-on-nats.md).
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['libs/contracts/src/listen.ts', '**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "MemberExpression[property.name='subscribe'], MemberExpression[property.value='subscribe'], Property[key.name='subscribe']",
          message: 'Subscribe with `listen` of @cohort/contracts, or take requests from `Bus.requests`.',
        },
      ],
    },
  },
  // Only tests build events that no command wrote.
  ...Object.entries(arrows)
    .filter(([, allowed]) => allowed.includes('contracts'))
    .map(([folder, allowed]) => ({
      files: [`${folder}/**/*.spec.ts`, `${folder}/**/testing/**/*.ts`],
      rules: { 'no-restricted-imports': importRule(folder, [...allowed, 'contracts/testing']) },
    })),
  ...featureRules,
  ...dialectRules,
  prettier,
);
