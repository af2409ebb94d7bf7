// Preloaded into jsii's Node processes (NODE_OPTIONS=--require). Two things that jsii reads whole are read in parts, and
// what lets it read them in parts is waited for:
//
// - A bindings package's entry point requires every resource of its provider. Where `lazy-index.js` lies beside it, that
//   file is answered instead. A package without it, or whose entry point is another, is left alone.
// - jsii's definitions of a package's types (26 MB for Google's) are read as one buffer, of which ranges are taken. A
//   stand-in for the buffer reads those ranges from the file; whoever wants anything else of it gets the buffer.
// - Those definitions are written by a worker, after a package was unpacked on a machine for the first time (jsii 1.142,
//   @jsii/kernel's runtime-index.ts). `process.exit` ends it when synth is done sooner; each later synth then reads the
//   whole assembly. Here the exit comes after the worker.
"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const threads = require("node:worker_threads");

// A synth ends before code that is optimized has paid for the time and the memory that this takes.
require("node:v8").setFlagsFromString("--no-opt");

const ENTRY_POINT = /[\\/]@(cdktf|cdktn)[\\/]provider-[^\\/]+[\\/]lib[\\/]index\.js$/;
const DEFINITIONS = /[\\/]\.jsii\.runtime-defs\.v\d+\.jsonl$/;
const INDEXER = /[\\/]runtime-index-worker\.js$/;

const resolve = Module._resolveFilename;
Module._resolveFilename = function (...request) {
  const file = resolve.apply(this, request);
  if (!ENTRY_POINT.test(file)) return file;
  const lazy = path.join(path.dirname(file), "lazy-index.js");
  return fs.existsSync(lazy) ? lazy : file;
};

const readFile = fs.readFileSync;
fs.readFileSync = function (file, ...options) {
  const whole = typeof file !== "string" || options.length > 0 || !DEFINITIONS.test(file);
  return whole ? readFile.call(this, file, ...options) : rangesOf(file);
};

function rangesOf(file) {
  const descriptor = fs.openSync(file, "r");
  let buffer;
  function toString(encoding, start, end) {
    if (start === undefined || end === undefined) return readFile(file).toString(encoding, start, end);
    const range = Buffer.allocUnsafe(end - start);
    fs.readSync(descriptor, range, 0, range.length, start);
    return range.toString(encoding);
  }
  return new Proxy(Buffer.alloc(0), {
    get(_, property) {
      if (property === "toString") return toString;
      buffer ??= readFile(file);
      const value = buffer[property];
      return typeof value === "function" ? value.bind(buffer) : value;
    },
  });
}

const indexers = new Set();
threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    super(file, options);
    if (!INDEXER.test(file)) return;
    indexers.add(this);
    // An error ends a worker, too.
    this.once("exit", () => indexers.delete(this));
  }
};

const exit = process.exit;
process.exit = function (code) {
  if (indexers.size === 0) exit.call(process, code);
  // Called again by each that ends; the last one leaves none. jsii asks for nothing after it asked for the exit.
  for (const indexer of indexers) indexer.once("exit", () => process.exit(code));
};
