import { CohortError, shownName } from '@cohort/contracts';
import { isUtf8 } from 'node:buffer';
import type { BodyLimits } from './limits';

/** A value of JSON. Whole numbers beyond 2^53 are `bigint`, because `number` would round them. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
/** Without a prototype, so that `toString` and `__proto__` are names like any other. */
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

const MAX_DEPTH = 8;
/** 64-bit numbers have at most 20 digits. */
const MAX_DIGITS = 20;

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const LONE_SURROGATE = /\p{Cs}/u;
const LITERALS = { true: true, false: false, null: null } as const;

/**
 * Reads a body that must be one JSON object. Throws `VALIDATION_FAILED` where `JSON.parse` would choose silently: names
 * that are given twice, numbers that it would round, and texts that aren't Unicode. The error names the field of the body
 * that contains the fault.
 */
export const parseJsonObject = (bytes: Buffer, limits: Pick<BodyLimits, 'maxFields'>): JsonObject =>
  parse(bytes, limits.maxFields, (reader) => reader.wholeObject());

/** Reads a body that must be one JSON list, with the same errors. */
export const parseJsonList = (bytes: Buffer, limits: Pick<BodyLimits, 'maxFields'>): readonly Json[] =>
  parse(bytes, limits.maxFields, (reader) => reader.wholeList());

function parse<T>(bytes: Buffer, maxFields: number, whole: (reader: Reader) => T): T {
  if (isUtf8(bytes)) return whole(new Reader(bytes.toString('utf8'), maxFields, isUnicode));
  // One character for each byte, so that the text with the wrong bytes can be named.
  whole(new Reader(bytes.toString('latin1'), maxFields, (text) => isUtf8(Buffer.from(text, 'latin1'))));
  throw invalid('the body is not UTF-8');
}

const isUnicode = (text: string): boolean => !LONE_SURROGATE.test(text);

const invalid = (message: string) => new CohortError('VALIDATION_FAILED', message);

class Reader {
  private at = 0;
  private values = 0;
  private expected: 'object' | 'list' = 'object';
  /** The field of the body that is being read. */
  private field: string | undefined;

  constructor(
    private readonly text: string,
    private readonly maxValues: number,
    private readonly isText: (text: string) => boolean,
  ) {}

  wholeObject(): JsonObject {
    return this.whole('{', () => this.object(1));
  }

  wholeList(): readonly Json[] {
    this.expected = 'list';
    return this.whole('[', () => this.list(1));
  }

  private whole<T>(open: '{' | '[', read: () => T): T {
    this.skip();
    if (this.text[this.at] !== open) throw this.malformed();
    const value = read();
    this.skip();
    if (this.at < this.text.length) throw this.malformed();
    return value;
  }

  private malformed(): CohortError {
    return invalid(`the body must be one JSON ${this.expected}`);
  }

  private value(depth: number): Json {
    if (++this.values > this.maxValues) throw invalid(`the body has more than ${this.maxValues} values`);
    this.skip();
    const first = this.text[this.at];
    if (first === '"') return this.string();
    if (first === '{' || first === '[') {
      if (depth === MAX_DEPTH) throw invalid(`${this.name()} is nested deeper than ${MAX_DEPTH} levels`);
      return first === '{' ? this.object(depth + 1) : this.list(depth + 1);
    }
    for (const [literal, value] of Object.entries(LITERALS)) {
      if (!this.text.startsWith(literal, this.at)) continue;
      this.at += literal.length;
      return value;
    }
    return this.number();
  }

  private object(depth: number): JsonObject {
    const object = Object.create(null) as Record<string, Json>;
    this.items('}', () => {
      if (this.text[this.at] !== '"') throw this.malformed();
      const name = this.string();
      if (depth === 1) this.field = name;
      if (name in object) throw invalid(`${shownName(name)} is given twice`);
      this.skip();
      this.take(':');
      object[name] = this.value(depth);
    });
    if (depth === 1) this.field = undefined;
    return object;
  }

  private list(depth: number): Json[] {
    const list: Json[] = [];
    this.items(']', () => list.push(this.value(depth)));
    return list;
  }

  /** Reads items with commas between them, from the opening bracket to the closing one. */
  private items(close: string, item: () => void): void {
    this.at++;
    this.skip();
    if (this.text[this.at] !== close) {
      item();
      for (this.skip(); this.text[this.at] === ','; this.skip()) {
        this.at++;
        this.skip();
        item();
      }
    }
    this.take(close);
  }

  private string(): string {
    const from = this.at;
    do this.at = this.text.indexOf('"', this.at + 1);
    while (this.at > 0 && this.isEscaped(this.at));
    if (this.at < 0) throw this.malformed();
    const text = this.parsed(this.text.slice(from, ++this.at));
    if (!this.isText(text)) throw invalid(`${this.name()} is not UTF-8`);
    return text;
  }

  /** Whether an odd number of backslashes stands before this character. */
  private isEscaped(at: number): boolean {
    let from = at;
    while (this.text[from - 1] === '\\') from--;
    return (at - from) % 2 === 1;
  }

  private number(): number | bigint {
    const found = this.match(NUMBER);
    if (!found) throw this.malformed();
    const [text, fraction, exponent] = found;
    const value = Number(text);
    if (Number.isSafeInteger(value)) return value + 0;
    if (fraction === undefined && exponent === undefined && text.length <= MAX_DIGITS) return BigInt(text);
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw invalid(`${this.name()} has a number that is too large`);
    return value;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  private skip(): void {
    this.match(SPACE);
  }

  private take(char: string): void {
    if (this.text[this.at++] !== char) throw this.malformed();
  }

  private name(): string {
    return this.field === undefined ? 'the body' : shownName(this.field);
  }

  /** The native parser is fast on long texts, and checks escapes and control characters. */
  private parsed(text: string): string {
    try {
      return JSON.parse(text) as string;
    } catch {
      throw this.malformed();
    }
  }
}
