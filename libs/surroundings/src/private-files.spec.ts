import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolder, privateFolder } from './private-files';

describe('Folders', () => {
  let base: string;
  const mode = (path: string): number => statSync(path).mode & 0o777;

  beforeEach(() => (base = mkdtempSync(join(tmpdir(), 'folders-'))));
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('are created with their parents, of their owner alone', () => {
    privateFolder(join(base, 'a/b/c'));
    expect(['a', 'a/b', 'a/b/c'].map((path) => mode(join(base, path)))).toEqual([0o700, 0o700, 0o700]);
    privateFolder(join(base, 'a/b/c'));
  });

  it('are not created inside a file, in the place of a file, or behind a link to nothing', () => {
    writeFileSync(join(base, 'file'), '');
    symlinkSync(join(base, 'nothing'), join(base, 'link'));
    expect(() => createFolder(join(base, 'file'))).toThrow('EEXIST');
    expect(() => createFolder(join(base, 'file/a'))).toThrow('ENOTDIR');
    expect(() => createFolder(join(base, 'link'))).toThrow('EEXIST');
    expect(() => createFolder(join(base, 'link/a'))).toThrow(/EEXIST|ENOENT/);
  });

  // The recursive mode of Node never returns here.
  (existsSync('/proc/self') ? it : it.skip)('are refused where the system takes no new entries', () => {
    expect(() => createFolder('/proc/cohort/a')).toThrow('ENOENT');
  });
});
