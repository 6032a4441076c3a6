import { shortened } from '../texts';

/** Most fields that one error names. */
export const MAX_NAMED_FIELDS = 3;
/** Longest part of a field's path that an error shows, in UTF-16 units. */
const MAX_SHOWN = 40;

/** One error of one field. */
export interface FieldError {
  /** Path of the field: `name`, `userIds`, `actor.id`. */
  readonly field: string;
  readonly message: string;
}

/** A field's name as an error shows it: a caller may send any text as a name, of any length. */
export const shownName = (name: string): string => shortened(name, MAX_SHOWN).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');

/** The wrong fields of one object: the first ones by name, the others counted. */
export class FieldErrors {
  readonly named: FieldError[] = [];
  #count = 0;

  constructor(private readonly most: number) {}

  get count(): number {
    return this.#count;
  }

  /** The wrong fields that aren't named. */
  get more(): number {
    return this.#count - this.named.length;
  }

  /** `message` is called with the field's path only if the field is named. */
  add(path: readonly (string | number)[], message: (field: string) => string): void {
    this.#count += 1;
    if (this.named.length >= this.most) return;
    const field = path.map((part) => shownName(String(part))).join('.');
    this.named.push({ field, message: message(field) });
  }

  /** All of it in one sentence. */
  get message(): string {
    const named = this.named.map(({ message }) => message).join('; ');
    return this.more === 0 ? named : `${named}; and ${this.more} more`;
  }
}
