import {
  buildMessage,
  ValidateBy,
  ValidateIf,
  validateSync,
  type ValidationError,
  type ValidationOptions,
} from 'class-validator';
import { plainToInstance, type ClassConstructor } from 'class-transformer';
import { CohortError } from './errors';
import { isAppId, isCommandId, isId, MAX_COMMAND_ID_LENGTH, MAX_ID_LENGTH } from './ids';
import { isPosition } from './positions';

function check(name: string, test: (value: unknown) => boolean, says: string, options?: ValidationOptions) {
  const message = buildMessage((each) => `${each}$property ${says}`, options);
  return ValidateBy({ name, validator: { validate: test, defaultMessage: message } }, options);
}

/** The field may be left out. `null` is refused. */
export const Optional = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

/** A group or user id: 1 to 64 characters (code points), no control characters. */
export const IsId = (options?: ValidationOptions): PropertyDecorator =>
  check('isId', isId, `must be a string of 1 to ${MAX_ID_LENGTH} characters without control characters`, options);

/** A command id: 1 to 128 characters (code points), no control characters. */
export const IsCommandId = (options?: ValidationOptions): PropertyDecorator =>
  check(
    'isCommandId',
    isCommandId,
    `must be a string of 1 to ${MAX_COMMAND_ID_LENGTH} characters without control characters`,
    options,
  );

/** A tenant's id: 1 to 64 of `A-Z a-z 0-9 _ -`. */
export const IsAppId = (options?: ValidationOptions): PropertyDecorator =>
  check('isAppId', isAppId, 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -', options);

/** A text of `min` to `max` code points. */
export const IsText = (max: number, min = 0, options?: ValidationOptions): PropertyDecorator =>
  check(
    'isText',
    (value) => {
      if (typeof value !== 'string' || value.length > max * 2 || /\p{Cs}/u.test(value)) return false;
      const length = [...value].length;
      return length >= min && length <= max;
    },
    `must be a text of ${min} to ${max} characters`,
    options,
  );

/** A revision: a decimal string. */
export const IsRevision = (options?: ValidationOptions): PropertyDecorator =>
  check(
    'isRevision',
    (value) => typeof value === 'string' && /^(0|[1-9][0-9]{0,14})$/.test(value),
    'must be a revision, a decimal string such as "7"',
    options,
  );

/** A position: a decimal string. */
export const IsPosition = (options?: ValidationOptions): PropertyDecorator =>
  check('isPosition', isPosition, 'must be a position, a decimal string such as "4711"', options);

/** The field can't be given together with these fields. */
export const NotBeside = (...others: readonly string[]): PropertyDecorator =>
  beside('notBeside', others, (isThere) => !isThere, "can't be given beside");

/** The field needs these fields beside it. */
export const NeedsBeside = (...others: readonly string[]): PropertyDecorator =>
  beside('needsBeside', others, (isThere) => isThere, 'must be given with');

function beside(name: string, others: readonly string[], isRight: (isThere: boolean) => boolean, says: string) {
  const wrong = (object: object) =>
    others.filter((other) => !isRight((object as Record<string, unknown>)[other] !== undefined));
  return ValidateBy({
    name,
    validator: {
      validate: (_value, args) => wrong(args!.object).length === 0,
      defaultMessage: (args) => `$property ${says} ${wrong(args!.object).join(', ')}`,
    },
  });
}

/** One error of one field. */
export interface FieldError {
  /** Path of the field: `name`, `userIds`, `actor.id`. */
  readonly field: string;
  readonly message: string;
}

/**
 * Validates a plain JSON value and returns it as an instance of a DTO class. Throws `VALIDATION_FAILED`, which names every
 * bad field. Fields that the class doesn't have are errors.
 */
export function parseDto<T extends object>(type: ClassConstructor<T>, plain: unknown): T {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw new CohortError('VALIDATION_FAILED', 'The body must be one JSON object.');
  }
  const dto = plainToInstance(type, plain);
  const errors = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  if (errors.length > 0) {
    const fields = fieldErrors(errors);
    throw new CohortError('VALIDATION_FAILED', fields.map(({ message }) => message).join('; '), { fields });
  }
  return dto;
}

/** Flattens class-validator's tree: one entry for each field and constraint. Messages name the whole path. */
function fieldErrors(errors: readonly ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const field = parent === '' ? property : `${parent}.${property}`;
    const own = Object.entries(constraints).map(([constraint, message]) => ({
      field,
      message:
        constraint === 'whitelistValidation' ? `${field} is not a known field` : message.replace(property, () => field),
    }));
    return [...own, ...fieldErrors(children, field)];
  });
}
