import type { OpenAPIObject } from '@nestjs/swagger';
import type { Dialect } from './dialect';
import type { Schema } from './fields';
import type { OperationInfo } from './operation';

type Paths = OpenAPIObject['paths'];
type OperationObject = NonNullable<Paths[string]['get']>;

/** The OpenAPI document of every operation of every dialect, one tag each. */
export function openApi(dialects: readonly Dialect[], version: string): OpenAPIObject {
  const paths: Paths = {};
  for (const dialect of dialects) {
    for (const operation of dialect.operations) {
      for (const method of operation.methods) {
        (paths[operation.path] ??= {})[method.toLowerCase() as 'get'] = describe(dialect, operation, method);
      }
    }
  }
  return {
    openapi: '3.0.3',
    info: {
      title: 'Cohort',
      version,
      description: "The vendors' group APIs that this gateway serves. The group service also answers on NATS.",
      contact: {},
    },
    tags: dialects.map(({ key, title, document }) => ({ name: key, description: `${title}, after ${document}` })),
    servers: [],
    paths,
    components: components(dialects),
  };
}

const schemeOf = (dialect: Dialect, header: string): string => `${dialect.key}.${header}`;
const errorOf = (dialect: Dialect): string => `${dialect.key}.error`;

const components = (dialects: readonly Dialect[]): OpenAPIObject['components'] => ({
  schemas: Object.fromEntries(dialects.map((dialect) => [errorOf(dialect), dialect.errorSchema])),
  securitySchemes: Object.fromEntries(
    dialects.flatMap((dialect) =>
      dialect.credentials.map((name) => [schemeOf(dialect, name), { type: 'apiKey', in: 'header', name }]),
    ),
  ),
});

function describe(dialect: Dialect, operation: OperationInfo, method: string): OperationObject {
  const { name, methods, source, summary, answer } = operation;
  const body = requestBody(operation);
  return {
    operationId: [dialect.key, name, ...(methods.length > 1 ? [method.toLowerCase()] : [])].join('.'),
    tags: [dialect.key],
    summary: `${source}: ${summary}`,
    security: [Object.fromEntries(dialect.credentials.map((header) => [schemeOf(dialect, header), []]))],
    parameters: Object.entries(operation.input).flatMap(([field, { in: place, required, schema }]) =>
      place === 'body' ? [] : [{ name: field, in: place, required, schema }],
    ),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      200: {
        description: 'Success',
        content: { [answer.contentType ?? 'application/json']: { schema: answer.schema, ...exampleOf(answer) } },
      },
      default: {
        description: 'Error',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${errorOf(dialect)}` } } },
      },
    },
  };
}

const exampleOf = ({ example }: OperationInfo['answer']) => (example === undefined ? {} : { example });

/** A form with a file. Its other fields are ignored. */
const UPLOAD: OperationObject['requestBody'] = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } }, required: ['file'] },
    },
  },
};

/** A map in a form is written `field[key]=value`, which OpenAPI calls `deepObject`. */
function requestBody({ contentType, input, limits }: OperationInfo): OperationObject['requestBody'] {
  if (contentType === undefined) return undefined;
  if (contentType === 'multipart/form-data') return UPLOAD;
  const fields = Object.entries(input).filter(([, field]) => field.in === 'body');
  const required = fields.filter(([, field]) => field.required).map(([name]) => name);
  const maps = fields.filter(([, { schema }]) => 'type' in schema && schema.type === 'object').map(([name]) => name);
  const isForm = contentType === 'application/x-www-form-urlencoded';
  const schema: Schema = {
    type: 'object',
    description: `at most ${limits.maxBytes} bytes`,
    properties: Object.fromEntries(fields.map(([name, field]) => [name, field.schema])),
    ...(required.length > 0 ? { required } : {}),
  };
  const encoding = Object.fromEntries(maps.map((name) => [name, { style: 'deepObject', explode: true }]));
  return {
    required: required.length > 0,
    content: { [contentType]: { schema, ...(isForm && maps.length > 0 ? { encoding } : {}) } },
  };
}
