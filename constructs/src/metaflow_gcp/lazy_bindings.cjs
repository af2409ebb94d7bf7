// Preloaded into jsii's Node process (NODE_OPTIONS=--require): answers `lazy-index.js` where a bindings package's
// entry point is asked for. A package without that file, or whose entry point is another, is left alone.
"use strict";

const { existsSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const ENTRY_POINT = /[\\/]@(cdktf|cdktn)[\\/]provider-[^\\/]+[\\/]lib[\\/]index\.js$/;
const resolve = Module._resolveFilename;

Module._resolveFilename = function (...request) {
  const file = resolve.apply(this, request);
  if (!ENTRY_POINT.test(file)) return file;
  const lazy = path.join(path.dirname(file), "lazy-index.js");
  return existsSync(lazy) ? lazy : file;
};
