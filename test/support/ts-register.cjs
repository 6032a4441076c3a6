'use strict';
/**
 * Lets plain `node` start our TypeScript as a child process of a test: `node -r test/support/ts-register.cjs file.ts`.
 * Types are stripped only, as Jest does; `@cohort/*` is resolved by tsconfig's `paths`. The result is kept in the
 * temporary directory by content, so that a child that starts a hundred times doesn't load the compiler each time.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const tsconfig = fs.readFileSync(path.join(root, 'tsconfig.json'), 'utf8');
const cache = path.join(os.tmpdir(), `cohort-ts-${os.userInfo().uid}`);
fs.mkdirSync(cache, { recursive: true });

function transpile(source, fileName) {
  const key = createHash('sha256').update(tsconfig).update(fileName).update(source).digest('hex');
  const cached = path.join(cache, `${key}.js`);
  try {
    return fs.readFileSync(cached, 'utf8');
  } catch {
    const ts = require('typescript');
    const compilerOptions = { ...ts.parseConfigFileTextToJson('tsconfig.json', tsconfig).config.compilerOptions };
    delete compilerOptions.sourceMap;
    const options = ts.convertCompilerOptionsFromJson({ ...compilerOptions, inlineSourceMap: true }, root).options;
    const { outputText } = ts.transpileModule(source, { fileName, compilerOptions: options });
    // Renamed into place, so that a child reading at the same time never sees half a file.
    const partial = `${cached}.${process.pid}`;
    fs.writeFileSync(partial, outputText);
    fs.renameSync(partial, cached);
    return outputText;
  }
}

require.extensions['.ts'] = (module, fileName) => {
  module._compile(transpile(fs.readFileSync(fileName, 'utf8'), fileName), fileName);
};

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const library = /^@cohort\/([a-z-]+)(\/testing)?$/.exec(request);
  return resolveFilename.call(
    this,
    library ? path.join(root, 'libs', library[1], 'src', library[2] ?? '') : request,
    ...rest,
  );
};

process.setSourceMapsEnabled(true);
