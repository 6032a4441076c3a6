import { getMetadataStorage } from 'class-validator';

/** A class that is made without arguments: a DTO. */
export type Class<T extends object = object> = new () => T;

/** What a decorator of ours declares beside its test. class-validator keeps it as the first constraint. */
export interface Extent {
  /** The largest legal value: with it, the largest legal message of an operation is known. */
  readonly largest: unknown;
  /** The value as the DTO gets it, of a value that passed the test. Default: as it is. */
  readonly read?: (value: unknown) => unknown;
}

/** One rule of a field. */
export interface Rule {
  readonly name: string;
  readonly holds: (value: unknown, object: object) => boolean;
  /** Whether the value is a list, and the rule is about each of its items. */
  readonly each: boolean;
  readonly constraints: readonly unknown[];
  readonly message: (object: object, field: string) => string;
}

/** A nested class; `says` completes the message about a value that is no such object. */
interface Nesting {
  readonly type: Class;
  readonly says?: string;
}

/** What is declared of one field, in the order of the source. */
export interface DeclaredField {
  readonly name: string;
  /** The rules count only if all of these hold (`ValidateIf`). */
  readonly conditions: readonly ((object: object, value: unknown) => boolean)[];
  readonly rules: readonly Rule[];
  readonly nested: (Nesting & { readonly each: boolean }) | undefined;
}

/** The classes of nested objects, by class and field. */
const NESTED = new Map<unknown, Map<string, () => Nesting>>();

export function declareNested(target: object, field: string, type: () => Class, says?: string): void {
  const own = NESTED.get(target.constructor) ?? new Map<string, () => Nesting>();
  NESTED.set(
    target.constructor,
    own.set(field, () => ({ type: type(), ...(says === undefined ? {} : { says }) })),
  );
}

/** A field with personal text, and the user whose text it is: the actor, or the user whom another field names. */
export interface PersonalField {
  readonly name: string;
  readonly of: string;
}

/** The fields with personal text, by class. */
const PERSONAL = new Map<unknown, PersonalField[]>();

export function declarePersonal(target: object, field: PersonalField): void {
  PERSONAL.set(target.constructor, [...(PERSONAL.get(target.constructor) ?? []), field]);
}

/** The fields with personal text that a class and its ancestors declare. */
export const personalFields = (type: Class): PersonalField[] =>
  ancestors(type).flatMap((one) => PERSONAL.get(one) ?? []);

/** All fields that a class and its ancestors declare, the ancestors' first. */
export function declaredFields(type: Class): DeclaredField[] {
  const storage = getMetadataStorage();
  const byField = new Map<string, ReturnType<typeof storage.getTargetValidationMetadatas>>();
  for (const metadata of storage.getTargetValidationMetadatas(type, '', false, false)) {
    const all = byField.get(metadata.propertyName) ?? [];
    // Decorators are applied from the last line to the first.
    byField.set(metadata.propertyName, [metadata, ...all]);
  }
  const rank = (name: string) => -ancestors(type).findIndex((one) => Object.hasOwn(fieldsOfClass(one), name));
  const names = [...byField.keys()].sort((a, b) => rank(a) - rank(b));
  return names.map((name) => fieldOf(type, name, byField.get(name)!));
}

/** The names that a class declares itself. */
function fieldsOfClass(type: unknown): Readonly<Record<string, true>> {
  const all = getMetadataStorage().getTargetValidationMetadatas(type as Class, '', false, false);
  return Object.fromEntries(
    all.filter(({ target }) => target === type).map(({ propertyName }) => [propertyName, true]),
  );
}

/** The class itself, then its ancestors. */
function ancestors(type: Class): Class[] {
  const all: Class[] = [];
  for (let of: unknown = type; typeof of === 'function' && of !== Function.prototype; of = Object.getPrototypeOf(of)) {
    all.push(of as Class);
  }
  return all;
}

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

function fieldOf(type: Class, name: string, all: readonly Metadata[]): DeclaredField {
  const conditions: DeclaredField['conditions'][number][] = [];
  const rules: Rule[] = [];
  let nested: DeclaredField['nested'];
  for (const metadata of all) {
    switch (metadata.type) {
      case 'conditionalValidation':
        conditions.push(metadata.constraints[0] as DeclaredField['conditions'][number]);
        break;
      case 'customValidation':
        rules.push(ruleOf(type, metadata));
        break;
      case 'nestedValidation':
        nested = { ...nestingOf(type, name), each: Boolean(metadata.each) };
        break;
      case 'whitelistValidation':
        break;
      default:
        throw new Error(`${type.name}.${name} has a decorator of an unknown kind: ${metadata.type}`);
    }
  }
  return { name, conditions, rules, nested };
}

function ruleOf(type: Class, { name = '', constraintCls, constraints = [], message, each }: Metadata): Rule {
  const [constraint] = getMetadataStorage().getTargetValidatorConstraints(constraintCls);
  if (constraint === undefined || constraint.async) throw new Error(`${type.name}: ${name} can't be checked`);
  const { instance } = constraint;
  const targetName = type.name;
  // One object for all calls: a test looks at it while it runs, and no longer.
  const asked = { value: undefined as unknown, constraints, targetName, object: {}, property: '' };
  return {
    name,
    each: Boolean(each),
    constraints,
    holds: (value, object) => {
      asked.value = value;
      asked.object = object;
      return instance.validate(value, asked) === true;
    },
    message: (object, field) => {
      // A message may depend on the object, and never shows the value.
      const about = { value: undefined, constraints, targetName, object, property: field };
      const text = typeof message === 'function' ? message(about) : (message ?? instance.defaultMessage?.(about) ?? '');
      return text
        .replace(/\$constraint([0-9]+)/g, (_, index: string) => textOf(constraints[Number(index) - 1]))
        .replaceAll('$property', () => field);
    },
  };
}

const textOf = (constraint: unknown): string =>
  Array.isArray(constraint) ? constraint.join(', ') : String(constraint);

function nestingOf(type: Class, name: string): Nesting {
  for (const one of ancestors(type)) {
    const found = NESTED.get(one)?.get(name);
    if (found) return found();
  }
  throw new Error(`${type.name}.${name} is an object; declare its class with @Nested`);
}
