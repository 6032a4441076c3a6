export { boundsOf, DEFAULT_BOUNDS, MAX_MESSAGE_BYTES, type RequestBounds } from './bounds';
export { personalFields, type Class, type PersonalField } from './declared';
export * from './decorators';
export { MAX_NAMED_FIELDS, shownName, type FieldError } from './field-errors';
export { parseDto } from './parse-dto';
