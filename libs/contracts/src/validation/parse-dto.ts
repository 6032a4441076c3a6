import { CohortError } from '../errors';
import { checkerOf, isPlain } from './checker';
import type { Class } from './declared';
import { FieldErrors, MAX_NAMED_FIELDS } from './field-errors';

/**
 * Validates a plain JSON value and returns it as an instance of a DTO class. First it counts the items of lists; only if
 * these are in order, it looks at types and formats. Fields that the class doesn't have are errors, at any depth.
 *
 * @param most Fields that an error names. The others are counted.
 * @throws CohortError `VALIDATION_FAILED`, with the wrong fields in `details.fields` and the number of others in
 *   `details.more`
 */
export function parseDto<T extends object>(type: Class<T>, plain: unknown, most = MAX_NAMED_FIELDS): T {
  if (!isPlain(plain)) throw new CohortError('VALIDATION_FAILED', 'The body must be one JSON object.');
  const checker = checkerOf(type);
  const errors = new FieldErrors(most);
  checker.count(plain, errors);
  if (errors.count > 0) throw failed(errors);
  const dto = checker.shape(plain, errors);
  if (errors.count > 0) throw failed(errors);
  return dto;
}

const failed = ({ message, named, more }: FieldErrors): CohortError =>
  new CohortError('VALIDATION_FAILED', message, { fields: named, ...(more === 0 ? {} : { more }) });
