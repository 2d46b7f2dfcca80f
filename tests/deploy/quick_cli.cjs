// SPDX-License-Identifier: Apache-2.0
// Loaded into the CDK CLI by NODE_OPTIONS. The CLI looks every five seconds at how far CloudFormation has got.
// The embedded one is done within one or two, so the CLI looks more often here.
const { setTimeout: wait } = globalThis;
const quick = (callback, pause, ...rest) => wait(callback, pause === 5000 ? 400 : pause, ...rest);
globalThis.setTimeout = Object.defineProperties(quick, Object.getOwnPropertyDescriptors(wait));
