import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURES } from '@cohort/contracts';
import { printedPart } from './testing/feature-page';

const DIRECTORY = join(__dirname, '../../../docs/features');
const PRINTED = /<!-- printed -->\n\n[^]*?\n\n<!-- end -->/;
const names = Object.keys(FEATURES) as (keyof typeof FEATURES)[];
const fileOf = (feature: string): string => `${feature.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`;

test('docs/features has a page for each feature, and for nothing else', () => {
  expect(readdirSync(DIRECTORY).sort()).toEqual([...names.map(fileOf), 'README.md'].sort());
});

test.each(names)(
  'the page of %s shows what the code declares (UPDATE_DOCS=1 writes it between its two marks)',
  (feature) => {
    const file = join(DIRECTORY, fileOf(feature));
    const page = readFileSync(file, 'utf8');
    const made = page.replace(PRINTED, () => `<!-- printed -->\n\n${printedPart(feature)}\n\n<!-- end -->`);
    if (process.env.UPDATE_DOCS) writeFileSync(file, made);
    expect(page).toMatch(PRINTED);
    expect(process.env.UPDATE_DOCS ? made : page).toBe(made);
  },
);
