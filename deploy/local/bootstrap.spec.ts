import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkNode, packagesAreCurrent } from './bootstrap.cjs';

describe('what npm start needs before the packages are there', () => {
  let root: string;

  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'cohort-bootstrap-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const lock = (file: string, packages: object) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), JSON.stringify({ lockfileVersion: 3, packages }));
  };
  const wanted = (packages: object) => lock('package-lock.json', { '': { name: 'cohort' }, ...packages });
  const present = (packages: object) => lock('node_modules/.package-lock.json', packages);
  const a = (version: string, more: object = {}) => ({ 'node_modules/a': { version, ...more } });
  const b = (version: string, more: object = {}) => ({ 'node_modules/b': { version, ...more } });

  it('refuses an older Node in one sentence', () => {
    expect(() => checkNode('18.20.4')).toThrow('Cohort needs Node 20 or newer; this is Node 18.20.4.');
    expect(() => checkNode('20.0.0')).not.toThrow();
    expect(() => checkNode('24.1.0')).not.toThrow();
  });

  it.each<[string, boolean, () => void]>([
    ['nothing is installed', false, () => wanted(a('1.0.0'))],
    [
      'an install was interrupted, so that npm left no list',
      false,
      () => (wanted(a('1.0.0')), mkdirSync(join(root, 'node_modules'))),
    ],
    ['all is there', true, () => (wanted({ ...a('1.0.0'), ...b('2.0.0') }), present({ ...a('1.0.0'), ...b('2.0.0') }))],
    ['one is missing', false, () => (wanted({ ...a('1.0.0'), ...b('2.0.0', { dev: true }) }), present(a('1.0.0')))],
    ['one is older', false, () => (wanted(a('1.1.0')), present(a('1.0.0')))],
    ['one is no longer wanted', false, () => (wanted(a('1.0.0')), present({ ...a('1.0.0'), ...b('2.0.0') }))],
    [
      'one for another platform is missing',
      true,
      () => (wanted({ ...a('1.0.0'), ...b('2.0.0', { optional: true }) }), present(a('1.0.0'))),
    ],
  ])('when %s, the packages are current: %s', (_, current, prepare) => {
    prepare();
    expect(packagesAreCurrent(root)).toBe(current);
  });
});
