import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURES } from '@cohort/contracts';
import { printedPart } from './testing/feature-page';

const DIRECTORY = join(__dirname, '../../../docs/features');
const names = Object.keys(FEATURES) as (keyof typeof FEATURES)[];
const fileOf = (feature: string): string => `${feature.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`;

test('docs/features has a page for each feature, and for nothing else', () => {
  expect(readdirSync(DIRECTORY).sort()).toEqual([...names.map(fileOf), 'README.md'].sort());
});

test.each(names)(
  'the page of %s shows what the code declares; else paste the expected text between its two marks',
  (feature) => {
    const page = readFileSync(join(DIRECTORY, fileOf(feature)), 'utf8');
    const [, printed] = /<!-- printed -->\n\n([^]*?)\n\n<!-- end -->/.exec(page) ?? [];
    expect(printed).toBe(printedPart(feature));
  },
);
