/** The words of a text, as searches and lists of words compare them. */

/** Letters, digits and their marks; pictographs count as words. */
const RUN = /[\p{L}\p{N}\p{M}]+|\p{Extended_Pictographic}/gu;
/** A character of a script that puts no spaces between words, with its marks; or a run of others. */
const PARTS =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}]\p{M}*|(?:[^\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}])+/gu;
/** Accents of Latin, Greek and Cyrillic letters. */
const ACCENTS = /[\u0300-\u036f]/g;

/** A text without what makes no difference in a search: case, accents, and forms of the same character. */
const folded = (text: string): string =>
  text.normalize('NFKC').toLowerCase().normalize('NFKD').replace(ACCENTS, '').normalize('NFKC').replaceAll('ς', 'σ');

/** The runs of letters and digits of a text, each in parts: `iPhone用户` is one run of the parts `iphone`, `用`, `户`. */
export const runsOf = (text: string): string[][] =>
  (folded(text).match(RUN) ?? []).map((run) => run.match(PARTS) ?? [run]);

/** A list of words or phrases that a text may have. Whole words are compared: `ass` is not in `Class`. */
export class WordList {
  /** By their first parts, the parts of each. */
  private readonly byFirst = new Map<string, (readonly string[])[]>();

  constructor(words: readonly string[]) {
    for (const word of words) {
      const parts = runsOf(word).flat();
      const [first] = parts;
      if (first !== undefined) this.byFirst.set(first, [...(this.byFirst.get(first) ?? []), parts]);
    }
  }

  /** Whether the text has any of them. */
  isIn(text: string): boolean {
    if (this.byFirst.size === 0) return false;
    const parts = runsOf(text).flat();
    return parts.some((part, at) =>
      (this.byFirst.get(part) ?? []).some((word) => word.every((one, offset) => parts[at + offset] === one)),
    );
  }
}
