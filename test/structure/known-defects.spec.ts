import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/known-defects.md'), 'utf8');

/** The reports that a text names, as `repository#number`. A number alone is of the repository before it. */
function reportsIn(text: string): string[] {
  let repository = '';
  return [...text.matchAll(/(?:(?:[\w-]+\/)?([\w.-]*[A-Za-z][\w.-]*))?#(\d+)/g)].map(([, named, number]) => {
    repository = named ?? repository;
    return `${repository}#${number}`;
  });
}

const pathOf = (spec: string): string =>
  join(ROOT, spec.endsWith('.int-spec') ? 'test/known-defects' : 'libs/group/src', `${spec}.ts`);

/** The rows of the page's tables that name specs. */
const rows = PAGE.split('\n')
  .filter((line) => /^\|.*spec`/.test(line))
  .map((line) => {
    const [what, reported, specs] = line
      .split('|')
      .slice(1, 4)
      .map((cell) => cell.trim()) as [string, string, string];
    return { what, reports: reportsIn(reported), specs: [...specs.matchAll(/`([^`]+)`/g)].map(([, spec]) => spec!) };
  });
const commentsOf = (spec: string): string => {
  const text = readFileSync(pathOf(spec), 'utf8');
  return [...text.matchAll(/\/\/[^\n]*|\/\*[^]*?\*\//g)].map(([comment]) => comment).join('\n');
};

test.each(rows)('the specs exist, and one of them names the report, of: $what', ({ reports, specs }) => {
  expect(specs.filter((spec) => !existsSync(pathOf(spec)))).toEqual([]);
  const named = specs.flatMap((spec) => reportsIn(commentsOf(spec)));
  expect(reports.filter((report) => !named.includes(report))).toEqual([]);
});

test('each report that a spec names is on the page', () => {
  const specs = [...new Set(rows.flatMap((row) => row.specs))];
  expect(specs.length).toBeGreaterThan(5);
  const onPage = reportsIn(PAGE);
  const named = [...new Set(specs.flatMap((spec) => reportsIn(commentsOf(spec))))];
  expect(named.filter((report) => !onPage.includes(report))).toEqual([]);
});
