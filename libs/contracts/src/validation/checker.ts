import { declaredFields, type Class, type DeclaredField, type Extent, type Rule } from './declared';
import { FieldErrors } from './field-errors';

/** Rules for the number of items in a list. They are checked before any item. */
const COUNTS: ReadonlySet<string> = new Set(['itemCount', 'arrayMinSize', 'arrayMaxSize']);
/** Rules that compare the items of a list. They are checked once each item is known to be well-formed. */
const COMPARES: ReadonlySet<string> = new Set(['distinctBy']);

type Plain = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Field extends DeclaredField {
  readonly counts: readonly Rule[];
  readonly shape: readonly Rule[];
  readonly compares: readonly Rule[];
  readonly read: Extent['read'];
}

/**
 * The checks of one class, put together once from what its decorators declare. class-validator's own run isn't used: it
 * checks everything before it reports anything, and keeps a record of every wrong item.
 */
export class Checker<T extends object = object> {
  readonly #fields: readonly Field[];
  readonly #known: ReadonlyMap<string, Field>;
  readonly #nested = new Map<string, Checker>();
  /** Whether an instance differs from the plain object that it is made from. */
  readonly #makes: boolean;

  constructor(private readonly type: Class<T>) {
    this.#fields = declaredFields(type).map((field) => ({
      ...field,
      counts: field.rules.filter(({ name }) => COUNTS.has(name)),
      shape: field.rules.filter(({ name }) => !COUNTS.has(name) && !COMPARES.has(name)),
      compares: field.rules.filter(({ name }) => COMPARES.has(name)),
      read: field.rules.map(({ constraints: [extent] }) => (extent as Partial<Extent> | undefined)?.read).find(Boolean),
    }));
    this.#known = new Map(this.#fields.map((field) => [field.name, field]));
    for (const { name, nested } of this.#fields) if (nested) this.#nested.set(name, checkerOf(nested.type));
    this.#makes =
      Object.values(new type()).some((value) => value !== undefined) ||
      this.#fields.some(({ read }) => read !== undefined) ||
      [...this.#nested.values()].some((checker) => checker.#makes);
  }

  /** The lists with too many or too few items. */
  count(plain: Plain, errors: FieldErrors): void {
    for (const { name, counts } of this.#fields) {
      const value = plain[name];
      if (counts.length > 0 && Array.isArray(value)) addFirst(counts, value, plain, [], name, errors);
    }
  }

  /** Checks types and formats. Returns an instance, which is worthless if there are errors. */
  shape(plain: Plain, errors: FieldErrors): T {
    return this.#instance(plain, [], errors);
  }

  #instance(plain: Plain, path: Path, errors: FieldErrors): T {
    const instance = new this.type() as Record<string, unknown>;
    for (const name of Object.keys(plain)) {
      if (this.#known.has(name)) instance[name] = plain[name];
      else errors.add([...path, name], (field) => `${field} is not a known field`);
    }
    this.#checkFields(instance, instance, path, errors);
    return instance as T;
  }

  /** As `#instance`; a plain object that needs no change stays as it is. */
  #part(plain: Plain, path: Path, errors: FieldErrors): object {
    if (this.#makes) return this.#instance(plain, path, errors);
    for (const name of Object.keys(plain)) {
      if (!this.#known.has(name)) errors.add([...path, name], (field) => `${field} is not a known field`);
    }
    this.#checkFields(plain, undefined, path, errors);
    return plain;
  }

  /**
   * Whether a plain object is right as it is: no path to a field is made, and no message. A chunk of an import has 500 of them.
   * False if it has to be looked at by `#part`.
   */
  #accepts(plain: Plain): boolean {
    if (this.#makes || this.#nested.size > 0) return false;
    for (const name of Object.keys(plain)) if (!this.#known.has(name)) return false;
    for (const { name, conditions, rules } of this.#fields) {
      const value = plain[name];
      if (applies(conditions, plain, value) && !areRight(rules, value, plain)) return false;
    }
    return true;
  }

  /** `into`: the instance that takes what the fields mean, if there is one. */
  #checkFields(object: Plain, into: Record<string, unknown> | undefined, path: Path, errors: FieldErrors): void {
    for (const field of this.#fields) {
      const { name, conditions, counts, shape, compares, nested, read } = field;
      const value = object[name];
      if (!applies(conditions, object, value)) continue;
      const before = errors.count;
      // Those of the message itself were counted before.
      if (path.length > 0 && Array.isArray(value)) addFirst(counts, value, object, path, name, errors);
      if (errors.count > before) continue;
      addFirst(shape, value, object, path, name, errors);
      if (errors.count > before) continue;
      if (nested) {
        const made = this.#nestedValue(field, value, [...path, name], errors);
        if (into && made !== undefined) into[name] = made;
        if (errors.count > before) continue;
      }
      addFirst(compares, value, object, path, name, errors);
      if (into && read && value !== undefined) into[name] = read(value);
    }
  }

  #nestedValue({ name, nested }: Field, value: unknown, path: Path, errors: FieldErrors): unknown {
    const checker = this.#nested.get(name)!;
    if (nested!.each && Array.isArray(value)) {
      return value.map((item: unknown, index) => {
        if (isPlain(item)) return checker.#accepts(item) ? item : checker.#part(item, [...path, index], errors);
        errors.add([...path, index], (field) => `${field} must be an object`);
        return item;
      });
    }
    if (!nested!.each && isPlain(value)) return checker.#part(value, path, errors);
    errors.add(
      path,
      (field) => `${field} must be ${nested!.says ?? (nested!.each ? 'a list of objects' : 'an object')}`,
    );
    return undefined;
  }
}

/** Whether a field's rules count. Plain loops: they run for each field of each member of an import. */
function applies(conditions: Field['conditions'], object: Plain, value: unknown): boolean {
  for (const holds of conditions) if (!holds(object, value)) return false;
  return true;
}

function areRight(rules: readonly Rule[], value: unknown, object: object): boolean {
  for (const rule of rules) if (!isRight(rule, value, object)) return false;
  return true;
}

const isRight = ({ holds, each }: Rule, value: unknown, object: object): boolean =>
  each && Array.isArray(value) ? value.every((item: unknown) => holds(item, object)) : holds(value, object);

/** Adds the error of the first rule that doesn't hold. */
function addFirst(
  rules: readonly Rule[],
  value: unknown,
  object: object,
  path: Path,
  name: string,
  errors: FieldErrors,
): void {
  for (const rule of rules) {
    if (isRight(rule, value, object)) continue;
    errors.add([...path, name], (field) => rule.message(object, field));
    return;
  }
}

const CHECKERS = new Map<unknown, Checker>();

/** The checker of a class, made at the first call. */
export function checkerOf<T extends object>(type: Class<T>): Checker<T> {
  let checker = CHECKERS.get(type);
  if (!checker) {
    checker = new Checker(type);
    CHECKERS.set(type, checker);
  }
  return checker as Checker<T>;
}
