import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../..');
const FOLDERS = ['apps', 'libs', 'deploy', 'test'];

/** The imports of each file, by path from the root. */
type Imports = ReadonlyMap<string, readonly string[]>;

const { paths } = (
  ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) => readFileSync(file, 'utf8')).config as {
    compilerOptions: { paths: Record<string, [string]> };
  }
).compilerOptions;

function importsOfTree(): Imports {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
  );
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), 'utf8'), true, true);
      return [file, importedFiles.flatMap(({ fileName }) => resolved(file, fileName, known) ?? [])];
    }),
  );
}

/** The file that an import refers to, or undefined if it is a package. */
function resolved(from: string, name: string, files: ReadonlySet<string>): string | undefined {
  const base = name.startsWith('.') ? posix.join(dirname(from), name) : paths[name] && posix.normalize(paths[name][0]);
  return base === undefined ? undefined : [`${base}.ts`, `${base}/index.ts`].find((file) => files.has(file));
}

/** Returns the files of one circle in the order of their imports, or undefined if there is none. */
function circleIn(imports: Imports): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const imported of imports.get(file) ?? []) {
      const circle = visit(imported);
      if (circle) return circle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return undefined;
}

describe('imports', () => {
  const imports = importsOfTree();

  test('form no circle, not even of types', () => {
    expect(circleIn(imports)?.join(' -> ')).toBeUndefined();
  });

  test('are read from every folder, across folders and within them', () => {
    expect(imports.get('apps/query/src/main.ts')).toContain('libs/process/src/index.ts');
    expect(imports.get('libs/process/src/index.ts')).toContain('libs/process/src/start-process.ts');
    for (const folder of FOLDERS) expect([...imports.keys()].some((file) => file.startsWith(`${folder}/`))).toBe(true);
  });

  test('that form a circle are found and returned in order', () => {
    const circular = new Map([
      ['a', ['b', 'c']],
      ['b', []],
      ['c', ['d']],
      ['d', ['b', 'a']],
    ]);
    expect(circleIn(circular)).toEqual(['a', 'c', 'd', 'a']);
    expect(circleIn(new Map([['a', ['a']]]))).toEqual(['a', 'a']);
  });
});
