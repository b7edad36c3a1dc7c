/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const bwc = $root.bwc = (() => {

    /**
     * Namespace bwc.
     * @exports bwc
     * @namespace
     */
    const bwc = {};

    bwc.v1 = (function() {

        /**
         * Namespace v1.
         * @memberof bwc
         * @namespace
         */
        const v1 = {};

        v1.Limits = (function() {

            /**
             * Properties of a Limits.
             * @typedef {Object} bwc.v1.Limits.$Properties
             * @property {number|null} [pduBytesMax] Limits pduBytesMax
             * @property {number|null} [fragmentBytesMax] Limits fragmentBytesMax
             * @property {number|null} [streamsMax] Limits streamsMax
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Limits.
             * @memberof bwc.v1
             * @interface ILimits
             * @augments bwc.v1.Limits.$Properties
             * @deprecated Use bwc.v1.Limits.$Properties instead.
             */

            /**
             * Shape of a Limits.
             * @typedef {bwc.v1.Limits.$Properties} bwc.v1.Limits.$Shape
             */

            /**
             * Constructs a new Limits.
             * @memberof bwc.v1
             * @classdesc Represents a Limits.
             * @constructor
             * @param {bwc.v1.Limits.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Limits = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Limits pduBytesMax.
             * @member {number} pduBytesMax
             * @memberof bwc.v1.Limits
             * @instance
             */
            Limits.prototype.pduBytesMax = 0;

            /**
             * Limits fragmentBytesMax.
             * @member {number} fragmentBytesMax
             * @memberof bwc.v1.Limits
             * @instance
             */
            Limits.prototype.fragmentBytesMax = 0;

            /**
             * Limits streamsMax.
             * @member {number} streamsMax
             * @memberof bwc.v1.Limits
             * @instance
             */
            Limits.prototype.streamsMax = 0;

            /**
             * Encodes the specified Limits message. Does not implicitly {@link bwc.v1.Limits.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Limits
             * @static
             * @param {bwc.v1.Limits.$Properties} message Limits message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Limits.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.pduBytesMax != null && $Object.hasOwnProperty.call(message, "pduBytesMax") && message.pduBytesMax !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.pduBytesMax);
                if (message.fragmentBytesMax != null && $Object.hasOwnProperty.call(message, "fragmentBytesMax") && message.fragmentBytesMax !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.fragmentBytesMax);
                if (message.streamsMax != null && $Object.hasOwnProperty.call(message, "streamsMax") && message.streamsMax !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.streamsMax);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Limits message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Limits
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Limits & bwc.v1.Limits.$Shape} Limits
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Limits.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Limits();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.pduBytesMax = value;
                            else
                                delete message.pduBytesMax;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.fragmentBytesMax = value;
                            else
                                delete message.fragmentBytesMax;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.streamsMax = value;
                            else
                                delete message.streamsMax;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Limits;
        })();

        v1.Hello = (function() {

            /**
             * Properties of a Hello.
             * @typedef {Object} bwc.v1.Hello.$Properties
             * @property {number|null} [versionMin] Hello versionMin
             * @property {number|null} [versionMax] Hello versionMax
             * @property {number|null} [features] Hello features
             * @property {string|null} [cameraId] Hello cameraId
             * @property {Uint8Array|null} [bootId] Hello bootId
             * @property {Uint8Array|null} [nonce] Hello nonce
             * @property {bwc.v1.Limits.$Properties|null} [limits] Hello limits
             * @property {number|null} [cameraMonoUs] Hello cameraMonoUs
             * @property {number|null} [cameraWallUs] Hello cameraWallUs
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Hello.
             * @memberof bwc.v1
             * @interface IHello
             * @augments bwc.v1.Hello.$Properties
             * @deprecated Use bwc.v1.Hello.$Properties instead.
             */

            /**
             * Shape of a Hello.
             * @typedef {bwc.v1.Hello.$Properties} bwc.v1.Hello.$Shape
             */

            /**
             * Constructs a new Hello.
             * @memberof bwc.v1
             * @classdesc Represents a Hello.
             * @constructor
             * @param {bwc.v1.Hello.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Hello = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Hello versionMin.
             * @member {number} versionMin
             * @memberof bwc.v1.Hello
             * @instance
             */
            Hello.prototype.versionMin = 0;

            /**
             * Hello versionMax.
             * @member {number} versionMax
             * @memberof bwc.v1.Hello
             * @instance
             */
            Hello.prototype.versionMax = 0;

            /**
             * Hello features.
             * @member {number} features
             * @memberof bwc.v1.Hello
             * @instance
             */
            Hello.prototype.features = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Hello cameraId.
             * @member {string} cameraId
             * @memberof bwc.v1.Hello
             * @instance
             */
            Hello.prototype.cameraId = "";

            /**
             * Hello bootId.
             * @member {Uint8Array} bootId
             * @memberof bwc.v1.Hello
             * @instance
             */
            Hello.prototype.bootId = $util.newBuffer([]);

            /**
             * Hello nonce.
             * @member {Uint8Array} nonce
             * @memberof bwc.v1.Hello
             * @instance
             */
            Hello.prototype.nonce = $util.newBuffer([]);

            /**
             * Hello limits.
             * @member {bwc.v1.Limits.$Properties|null|undefined} limits
             * @memberof bwc.v1.Hello
             * @instance
             */
            Hello.prototype.limits = null;

            /**
             * Hello cameraMonoUs.
             * @member {number} cameraMonoUs
             * @memberof bwc.v1.Hello
             * @instance
             */
            Hello.prototype.cameraMonoUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Hello cameraWallUs.
             * @member {number} cameraWallUs
             * @memberof bwc.v1.Hello
             * @instance
             */
            Hello.prototype.cameraWallUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified Hello message. Does not implicitly {@link bwc.v1.Hello.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Hello
             * @static
             * @param {bwc.v1.Hello.$Properties} message Hello message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Hello.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.versionMin != null && $Object.hasOwnProperty.call(message, "versionMin") && message.versionMin !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.versionMin);
                if (message.versionMax != null && $Object.hasOwnProperty.call(message, "versionMax") && message.versionMax !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.versionMax);
                if (message.features != null && $Object.hasOwnProperty.call(message, "features") && (typeof message.features === "object" ? message.features.low || message.features.high : message.features !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.features);
                if (message.cameraId != null && $Object.hasOwnProperty.call(message, "cameraId") && message.cameraId !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.cameraId);
                if (message.bootId != null && $Object.hasOwnProperty.call(message, "bootId") && message.bootId.length)
                    writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.bootId);
                if (message.nonce != null && $Object.hasOwnProperty.call(message, "nonce") && message.nonce.length)
                    writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.nonce);
                if (message.limits != null && $Object.hasOwnProperty.call(message, "limits"))
                    $root.bwc.v1.Limits.encode(message.limits, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                if (message.cameraMonoUs != null && $Object.hasOwnProperty.call(message, "cameraMonoUs") && (typeof message.cameraMonoUs === "object" ? message.cameraMonoUs.low || message.cameraMonoUs.high : message.cameraMonoUs !== 0))
                    writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.cameraMonoUs);
                if (message.cameraWallUs != null && $Object.hasOwnProperty.call(message, "cameraWallUs") && (typeof message.cameraWallUs === "object" ? message.cameraWallUs.low || message.cameraWallUs.high : message.cameraWallUs !== 0))
                    writer.uint32(/* id 9, wireType 0 =*/72).uint64(message.cameraWallUs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Hello message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Hello
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Hello & bwc.v1.Hello.$Shape} Hello
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Hello.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Hello();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.versionMin = value;
                            else
                                delete message.versionMin;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.versionMax = value;
                            else
                                delete message.versionMax;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.features = value;
                            else
                                delete message.features;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.cameraId = value;
                            else
                                delete message.cameraId;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.bootId = value;
                            else
                                delete message.bootId;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.nonce = value;
                            else
                                delete message.nonce;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.limits = $root.bwc.v1.Limits.decode(reader, reader.size(), $undefined, _depth + 1, message.limits);
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.cameraMonoUs = value;
                            else
                                delete message.cameraMonoUs;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.cameraWallUs = value;
                            else
                                delete message.cameraWallUs;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Hello;
        })();

        v1.HelloAckBody = (function() {

            /**
             * Properties of a HelloAckBody.
             * @typedef {Object} bwc.v1.HelloAckBody.$Properties
             * @property {number|null} [version] HelloAckBody version
             * @property {number|null} [features] HelloAckBody features
             * @property {string|null} [dockId] HelloAckBody dockId
             * @property {Uint8Array|null} [sessionId] HelloAckBody sessionId
             * @property {Uint8Array|null} [nonce] HelloAckBody nonce
             * @property {bwc.v1.Limits.$Properties|null} [limits] HelloAckBody limits
             * @property {number|null} [cameraMonoUs] HelloAckBody cameraMonoUs
             * @property {number|null} [dockReceivedUs] HelloAckBody dockReceivedUs
             * @property {number|null} [dockSentUs] HelloAckBody dockSentUs
             * @property {string|null} [ledgerOrigin] HelloAckBody ledgerOrigin
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a HelloAckBody.
             * @memberof bwc.v1
             * @interface IHelloAckBody
             * @augments bwc.v1.HelloAckBody.$Properties
             * @deprecated Use bwc.v1.HelloAckBody.$Properties instead.
             */

            /**
             * Shape of a HelloAckBody.
             * @typedef {bwc.v1.HelloAckBody.$Properties} bwc.v1.HelloAckBody.$Shape
             */

            /**
             * Constructs a new HelloAckBody.
             * @memberof bwc.v1
             * @classdesc Represents a HelloAckBody.
             * @constructor
             * @param {bwc.v1.HelloAckBody.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const HelloAckBody = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * HelloAckBody version.
             * @member {number} version
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.version = 0;

            /**
             * HelloAckBody features.
             * @member {number} features
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.features = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * HelloAckBody dockId.
             * @member {string} dockId
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.dockId = "";

            /**
             * HelloAckBody sessionId.
             * @member {Uint8Array} sessionId
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.sessionId = $util.newBuffer([]);

            /**
             * HelloAckBody nonce.
             * @member {Uint8Array} nonce
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.nonce = $util.newBuffer([]);

            /**
             * HelloAckBody limits.
             * @member {bwc.v1.Limits.$Properties|null|undefined} limits
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.limits = null;

            /**
             * HelloAckBody cameraMonoUs.
             * @member {number} cameraMonoUs
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.cameraMonoUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * HelloAckBody dockReceivedUs.
             * @member {number} dockReceivedUs
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.dockReceivedUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * HelloAckBody dockSentUs.
             * @member {number} dockSentUs
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.dockSentUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * HelloAckBody ledgerOrigin.
             * @member {string} ledgerOrigin
             * @memberof bwc.v1.HelloAckBody
             * @instance
             */
            HelloAckBody.prototype.ledgerOrigin = "";

            /**
             * Encodes the specified HelloAckBody message. Does not implicitly {@link bwc.v1.HelloAckBody.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.HelloAckBody
             * @static
             * @param {bwc.v1.HelloAckBody.$Properties} message HelloAckBody message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            HelloAckBody.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.version);
                if (message.features != null && $Object.hasOwnProperty.call(message, "features") && (typeof message.features === "object" ? message.features.low || message.features.high : message.features !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.features);
                if (message.dockId != null && $Object.hasOwnProperty.call(message, "dockId") && message.dockId !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.dockId);
                if (message.sessionId != null && $Object.hasOwnProperty.call(message, "sessionId") && message.sessionId.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.sessionId);
                if (message.nonce != null && $Object.hasOwnProperty.call(message, "nonce") && message.nonce.length)
                    writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.nonce);
                if (message.limits != null && $Object.hasOwnProperty.call(message, "limits"))
                    $root.bwc.v1.Limits.encode(message.limits, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.cameraMonoUs != null && $Object.hasOwnProperty.call(message, "cameraMonoUs") && (typeof message.cameraMonoUs === "object" ? message.cameraMonoUs.low || message.cameraMonoUs.high : message.cameraMonoUs !== 0))
                    writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.cameraMonoUs);
                if (message.dockReceivedUs != null && $Object.hasOwnProperty.call(message, "dockReceivedUs") && (typeof message.dockReceivedUs === "object" ? message.dockReceivedUs.low || message.dockReceivedUs.high : message.dockReceivedUs !== 0))
                    writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.dockReceivedUs);
                if (message.dockSentUs != null && $Object.hasOwnProperty.call(message, "dockSentUs") && (typeof message.dockSentUs === "object" ? message.dockSentUs.low || message.dockSentUs.high : message.dockSentUs !== 0))
                    writer.uint32(/* id 9, wireType 0 =*/72).uint64(message.dockSentUs);
                if (message.ledgerOrigin != null && $Object.hasOwnProperty.call(message, "ledgerOrigin") && message.ledgerOrigin !== "")
                    writer.uint32(/* id 10, wireType 2 =*/82).string(message.ledgerOrigin);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a HelloAckBody message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.HelloAckBody
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.HelloAckBody & bwc.v1.HelloAckBody.$Shape} HelloAckBody
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            HelloAckBody.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.HelloAckBody();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.features = value;
                            else
                                delete message.features;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.dockId = value;
                            else
                                delete message.dockId;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sessionId = value;
                            else
                                delete message.sessionId;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.nonce = value;
                            else
                                delete message.nonce;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.limits = $root.bwc.v1.Limits.decode(reader, reader.size(), $undefined, _depth + 1, message.limits);
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.cameraMonoUs = value;
                            else
                                delete message.cameraMonoUs;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.dockReceivedUs = value;
                            else
                                delete message.dockReceivedUs;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.dockSentUs = value;
                            else
                                delete message.dockSentUs;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.ledgerOrigin = value;
                            else
                                delete message.ledgerOrigin;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return HelloAckBody;
        })();

        v1.HelloAck = (function() {

            /**
             * Properties of a HelloAck.
             * @typedef {Object} bwc.v1.HelloAck.$Properties
             * @property {Uint8Array|null} [body] HelloAck body
             * @property {Uint8Array|null} [signature] HelloAck signature
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a HelloAck.
             * @memberof bwc.v1
             * @interface IHelloAck
             * @augments bwc.v1.HelloAck.$Properties
             * @deprecated Use bwc.v1.HelloAck.$Properties instead.
             */

            /**
             * Shape of a HelloAck.
             * @typedef {bwc.v1.HelloAck.$Properties} bwc.v1.HelloAck.$Shape
             */

            /**
             * Constructs a new HelloAck.
             * @memberof bwc.v1
             * @classdesc Represents a HelloAck.
             * @constructor
             * @param {bwc.v1.HelloAck.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const HelloAck = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * HelloAck body.
             * @member {Uint8Array} body
             * @memberof bwc.v1.HelloAck
             * @instance
             */
            HelloAck.prototype.body = $util.newBuffer([]);

            /**
             * HelloAck signature.
             * @member {Uint8Array} signature
             * @memberof bwc.v1.HelloAck
             * @instance
             */
            HelloAck.prototype.signature = $util.newBuffer([]);

            /**
             * Encodes the specified HelloAck message. Does not implicitly {@link bwc.v1.HelloAck.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.HelloAck
             * @static
             * @param {bwc.v1.HelloAck.$Properties} message HelloAck message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            HelloAck.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.body);
                if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.signature);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a HelloAck message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.HelloAck
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.HelloAck & bwc.v1.HelloAck.$Shape} HelloAck
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            HelloAck.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.HelloAck();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.signature = value;
                            else
                                delete message.signature;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return HelloAck;
        })();

        v1.HelloConfirm = (function() {

            /**
             * Properties of a HelloConfirm.
             * @typedef {Object} bwc.v1.HelloConfirm.$Properties
             * @property {Uint8Array|null} [sessionId] HelloConfirm sessionId
             * @property {Uint8Array|null} [signature] HelloConfirm signature
             * @property {number|null} [ledgerSize] HelloConfirm ledgerSize
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a HelloConfirm.
             * @memberof bwc.v1
             * @interface IHelloConfirm
             * @augments bwc.v1.HelloConfirm.$Properties
             * @deprecated Use bwc.v1.HelloConfirm.$Properties instead.
             */

            /**
             * Shape of a HelloConfirm.
             * @typedef {bwc.v1.HelloConfirm.$Properties} bwc.v1.HelloConfirm.$Shape
             */

            /**
             * Constructs a new HelloConfirm.
             * @memberof bwc.v1
             * @classdesc Represents a HelloConfirm.
             * @constructor
             * @param {bwc.v1.HelloConfirm.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const HelloConfirm = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * HelloConfirm sessionId.
             * @member {Uint8Array} sessionId
             * @memberof bwc.v1.HelloConfirm
             * @instance
             */
            HelloConfirm.prototype.sessionId = $util.newBuffer([]);

            /**
             * HelloConfirm signature.
             * @member {Uint8Array} signature
             * @memberof bwc.v1.HelloConfirm
             * @instance
             */
            HelloConfirm.prototype.signature = $util.newBuffer([]);

            /**
             * HelloConfirm ledgerSize.
             * @member {number} ledgerSize
             * @memberof bwc.v1.HelloConfirm
             * @instance
             */
            HelloConfirm.prototype.ledgerSize = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified HelloConfirm message. Does not implicitly {@link bwc.v1.HelloConfirm.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.HelloConfirm
             * @static
             * @param {bwc.v1.HelloConfirm.$Properties} message HelloConfirm message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            HelloConfirm.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sessionId != null && $Object.hasOwnProperty.call(message, "sessionId") && message.sessionId.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.sessionId);
                if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.signature);
                if (message.ledgerSize != null && $Object.hasOwnProperty.call(message, "ledgerSize") && (typeof message.ledgerSize === "object" ? message.ledgerSize.low || message.ledgerSize.high : message.ledgerSize !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.ledgerSize);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a HelloConfirm message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.HelloConfirm
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.HelloConfirm & bwc.v1.HelloConfirm.$Shape} HelloConfirm
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            HelloConfirm.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.HelloConfirm();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sessionId = value;
                            else
                                delete message.sessionId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.signature = value;
                            else
                                delete message.signature;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.ledgerSize = value;
                            else
                                delete message.ledgerSize;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return HelloConfirm;
        })();

        v1.LinkPropose = (function() {

            /**
             * Properties of a LinkPropose.
             * @typedef {Object} bwc.v1.LinkPropose.$Properties
             * @property {number|null} [id] LinkPropose id
             * @property {number|null} [baud] LinkPropose baud
             * @property {boolean|null} [rtsCts] LinkPropose rtsCts
             * @property {number|null} [fragmentBytesMax] LinkPropose fragmentBytesMax
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a LinkPropose.
             * @memberof bwc.v1
             * @interface ILinkPropose
             * @augments bwc.v1.LinkPropose.$Properties
             * @deprecated Use bwc.v1.LinkPropose.$Properties instead.
             */

            /**
             * Shape of a LinkPropose.
             * @typedef {bwc.v1.LinkPropose.$Properties} bwc.v1.LinkPropose.$Shape
             */

            /**
             * Constructs a new LinkPropose.
             * @memberof bwc.v1
             * @classdesc Represents a LinkPropose.
             * @constructor
             * @param {bwc.v1.LinkPropose.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const LinkPropose = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * LinkPropose id.
             * @member {number} id
             * @memberof bwc.v1.LinkPropose
             * @instance
             */
            LinkPropose.prototype.id = 0;

            /**
             * LinkPropose baud.
             * @member {number} baud
             * @memberof bwc.v1.LinkPropose
             * @instance
             */
            LinkPropose.prototype.baud = 0;

            /**
             * LinkPropose rtsCts.
             * @member {boolean} rtsCts
             * @memberof bwc.v1.LinkPropose
             * @instance
             */
            LinkPropose.prototype.rtsCts = false;

            /**
             * LinkPropose fragmentBytesMax.
             * @member {number} fragmentBytesMax
             * @memberof bwc.v1.LinkPropose
             * @instance
             */
            LinkPropose.prototype.fragmentBytesMax = 0;

            /**
             * Encodes the specified LinkPropose message. Does not implicitly {@link bwc.v1.LinkPropose.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.LinkPropose
             * @static
             * @param {bwc.v1.LinkPropose.$Properties} message LinkPropose message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            LinkPropose.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.id);
                if (message.baud != null && $Object.hasOwnProperty.call(message, "baud") && message.baud !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.baud);
                if (message.rtsCts != null && $Object.hasOwnProperty.call(message, "rtsCts") && message.rtsCts !== false)
                    writer.uint32(/* id 3, wireType 0 =*/24).bool(message.rtsCts);
                if (message.fragmentBytesMax != null && $Object.hasOwnProperty.call(message, "fragmentBytesMax") && message.fragmentBytesMax !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.fragmentBytesMax);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a LinkPropose message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.LinkPropose
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.LinkPropose & bwc.v1.LinkPropose.$Shape} LinkPropose
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            LinkPropose.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.LinkPropose();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.baud = value;
                            else
                                delete message.baud;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.rtsCts = value;
                            else
                                delete message.rtsCts;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.fragmentBytesMax = value;
                            else
                                delete message.fragmentBytesMax;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return LinkPropose;
        })();

        v1.LinkCommit = (function() {

            /**
             * Properties of a LinkCommit.
             * @typedef {Object} bwc.v1.LinkCommit.$Properties
             * @property {number|null} [id] LinkCommit id
             * @property {number|null} [baud] LinkCommit baud
             * @property {boolean|null} [rtsCts] LinkCommit rtsCts
             * @property {number|null} [fragmentBytesMax] LinkCommit fragmentBytesMax
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a LinkCommit.
             * @memberof bwc.v1
             * @interface ILinkCommit
             * @augments bwc.v1.LinkCommit.$Properties
             * @deprecated Use bwc.v1.LinkCommit.$Properties instead.
             */

            /**
             * Shape of a LinkCommit.
             * @typedef {bwc.v1.LinkCommit.$Properties} bwc.v1.LinkCommit.$Shape
             */

            /**
             * Constructs a new LinkCommit.
             * @memberof bwc.v1
             * @classdesc Represents a LinkCommit.
             * @constructor
             * @param {bwc.v1.LinkCommit.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const LinkCommit = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * LinkCommit id.
             * @member {number} id
             * @memberof bwc.v1.LinkCommit
             * @instance
             */
            LinkCommit.prototype.id = 0;

            /**
             * LinkCommit baud.
             * @member {number} baud
             * @memberof bwc.v1.LinkCommit
             * @instance
             */
            LinkCommit.prototype.baud = 0;

            /**
             * LinkCommit rtsCts.
             * @member {boolean} rtsCts
             * @memberof bwc.v1.LinkCommit
             * @instance
             */
            LinkCommit.prototype.rtsCts = false;

            /**
             * LinkCommit fragmentBytesMax.
             * @member {number} fragmentBytesMax
             * @memberof bwc.v1.LinkCommit
             * @instance
             */
            LinkCommit.prototype.fragmentBytesMax = 0;

            /**
             * Encodes the specified LinkCommit message. Does not implicitly {@link bwc.v1.LinkCommit.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.LinkCommit
             * @static
             * @param {bwc.v1.LinkCommit.$Properties} message LinkCommit message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            LinkCommit.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.id);
                if (message.baud != null && $Object.hasOwnProperty.call(message, "baud") && message.baud !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.baud);
                if (message.rtsCts != null && $Object.hasOwnProperty.call(message, "rtsCts") && message.rtsCts !== false)
                    writer.uint32(/* id 3, wireType 0 =*/24).bool(message.rtsCts);
                if (message.fragmentBytesMax != null && $Object.hasOwnProperty.call(message, "fragmentBytesMax") && message.fragmentBytesMax !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.fragmentBytesMax);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a LinkCommit message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.LinkCommit
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.LinkCommit & bwc.v1.LinkCommit.$Shape} LinkCommit
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            LinkCommit.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.LinkCommit();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.baud = value;
                            else
                                delete message.baud;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.rtsCts = value;
                            else
                                delete message.rtsCts;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.fragmentBytesMax = value;
                            else
                                delete message.fragmentBytesMax;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return LinkCommit;
        })();

        v1.LinkProbe = (function() {

            /**
             * Properties of a LinkProbe.
             * @typedef {Object} bwc.v1.LinkProbe.$Properties
             * @property {number|null} [id] LinkProbe id
             * @property {number|null} [seq] LinkProbe seq
             * @property {number|null} [count] LinkProbe count
             * @property {Uint8Array|null} [pattern] LinkProbe pattern
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a LinkProbe.
             * @memberof bwc.v1
             * @interface ILinkProbe
             * @augments bwc.v1.LinkProbe.$Properties
             * @deprecated Use bwc.v1.LinkProbe.$Properties instead.
             */

            /**
             * Shape of a LinkProbe.
             * @typedef {bwc.v1.LinkProbe.$Properties} bwc.v1.LinkProbe.$Shape
             */

            /**
             * Constructs a new LinkProbe.
             * @memberof bwc.v1
             * @classdesc Represents a LinkProbe.
             * @constructor
             * @param {bwc.v1.LinkProbe.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const LinkProbe = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * LinkProbe id.
             * @member {number} id
             * @memberof bwc.v1.LinkProbe
             * @instance
             */
            LinkProbe.prototype.id = 0;

            /**
             * LinkProbe seq.
             * @member {number} seq
             * @memberof bwc.v1.LinkProbe
             * @instance
             */
            LinkProbe.prototype.seq = 0;

            /**
             * LinkProbe count.
             * @member {number} count
             * @memberof bwc.v1.LinkProbe
             * @instance
             */
            LinkProbe.prototype.count = 0;

            /**
             * LinkProbe pattern.
             * @member {Uint8Array} pattern
             * @memberof bwc.v1.LinkProbe
             * @instance
             */
            LinkProbe.prototype.pattern = $util.newBuffer([]);

            /**
             * Encodes the specified LinkProbe message. Does not implicitly {@link bwc.v1.LinkProbe.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.LinkProbe
             * @static
             * @param {bwc.v1.LinkProbe.$Properties} message LinkProbe message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            LinkProbe.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.id);
                if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && message.seq !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.seq);
                if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.count);
                if (message.pattern != null && $Object.hasOwnProperty.call(message, "pattern") && message.pattern.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.pattern);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a LinkProbe message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.LinkProbe
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.LinkProbe & bwc.v1.LinkProbe.$Shape} LinkProbe
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            LinkProbe.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.LinkProbe();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.seq = value;
                            else
                                delete message.seq;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.count = value;
                            else
                                delete message.count;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.pattern = value;
                            else
                                delete message.pattern;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return LinkProbe;
        })();

        v1.LinkReport = (function() {

            /**
             * Properties of a LinkReport.
             * @typedef {Object} bwc.v1.LinkReport.$Properties
             * @property {number|null} [id] LinkReport id
             * @property {number|null} [received] LinkReport received
             * @property {boolean|null} [keep] LinkReport keep
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a LinkReport.
             * @memberof bwc.v1
             * @interface ILinkReport
             * @augments bwc.v1.LinkReport.$Properties
             * @deprecated Use bwc.v1.LinkReport.$Properties instead.
             */

            /**
             * Shape of a LinkReport.
             * @typedef {bwc.v1.LinkReport.$Properties} bwc.v1.LinkReport.$Shape
             */

            /**
             * Constructs a new LinkReport.
             * @memberof bwc.v1
             * @classdesc Represents a LinkReport.
             * @constructor
             * @param {bwc.v1.LinkReport.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const LinkReport = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * LinkReport id.
             * @member {number} id
             * @memberof bwc.v1.LinkReport
             * @instance
             */
            LinkReport.prototype.id = 0;

            /**
             * LinkReport received.
             * @member {number} received
             * @memberof bwc.v1.LinkReport
             * @instance
             */
            LinkReport.prototype.received = 0;

            /**
             * LinkReport keep.
             * @member {boolean} keep
             * @memberof bwc.v1.LinkReport
             * @instance
             */
            LinkReport.prototype.keep = false;

            /**
             * Encodes the specified LinkReport message. Does not implicitly {@link bwc.v1.LinkReport.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.LinkReport
             * @static
             * @param {bwc.v1.LinkReport.$Properties} message LinkReport message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            LinkReport.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.id);
                if (message.received != null && $Object.hasOwnProperty.call(message, "received") && message.received !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.received);
                if (message.keep != null && $Object.hasOwnProperty.call(message, "keep") && message.keep !== false)
                    writer.uint32(/* id 3, wireType 0 =*/24).bool(message.keep);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a LinkReport message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.LinkReport
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.LinkReport & bwc.v1.LinkReport.$Shape} LinkReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            LinkReport.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.LinkReport();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.received = value;
                            else
                                delete message.received;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.keep = value;
                            else
                                delete message.keep;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return LinkReport;
        })();

        v1.Part = (function() {

            /**
             * Properties of a Part.
             * @typedef {Object} bwc.v1.Part.$Properties
             * @property {number|null} [id] Part id
             * @property {number|null} [total] Part total
             * @property {number|null} [offset] Part offset
             * @property {Uint8Array|null} [piece] Part piece
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Part.
             * @memberof bwc.v1
             * @interface IPart
             * @augments bwc.v1.Part.$Properties
             * @deprecated Use bwc.v1.Part.$Properties instead.
             */

            /**
             * Shape of a Part.
             * @typedef {bwc.v1.Part.$Properties} bwc.v1.Part.$Shape
             */

            /**
             * Constructs a new Part.
             * @memberof bwc.v1
             * @classdesc Represents a Part.
             * @constructor
             * @param {bwc.v1.Part.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Part = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Part id.
             * @member {number} id
             * @memberof bwc.v1.Part
             * @instance
             */
            Part.prototype.id = 0;

            /**
             * Part total.
             * @member {number} total
             * @memberof bwc.v1.Part
             * @instance
             */
            Part.prototype.total = 0;

            /**
             * Part offset.
             * @member {number} offset
             * @memberof bwc.v1.Part
             * @instance
             */
            Part.prototype.offset = 0;

            /**
             * Part piece.
             * @member {Uint8Array} piece
             * @memberof bwc.v1.Part
             * @instance
             */
            Part.prototype.piece = $util.newBuffer([]);

            /**
             * Encodes the specified Part message. Does not implicitly {@link bwc.v1.Part.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Part
             * @static
             * @param {bwc.v1.Part.$Properties} message Part message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Part.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.id);
                if (message.total != null && $Object.hasOwnProperty.call(message, "total") && message.total !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.total);
                if (message.offset != null && $Object.hasOwnProperty.call(message, "offset") && message.offset !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.offset);
                if (message.piece != null && $Object.hasOwnProperty.call(message, "piece") && message.piece.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.piece);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Part message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Part
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Part & bwc.v1.Part.$Shape} Part
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Part.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Part();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.total = value;
                            else
                                delete message.total;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.offset = value;
                            else
                                delete message.offset;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.piece = value;
                            else
                                delete message.piece;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Part;
        })();

        v1.Offer = (function() {

            /**
             * Properties of an Offer.
             * @typedef {Object} bwc.v1.Offer.$Properties
             * @property {Uint8Array|null} [sessionId] Offer sessionId
             * @property {Uint8Array|null} [recordingId] Offer recordingId
             * @property {number|null} [manifestBytes] Offer manifestBytes
             * @property {Uint8Array|null} [manifestSha256] Offer manifestSha256
             * @property {number|null} [contentBytes] Offer contentBytes
             * @property {Uint8Array|null} [wraps] Offer wraps
             * @property {number|null} [ledgerSize] Offer ledgerSize
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Offer.
             * @memberof bwc.v1
             * @interface IOffer
             * @augments bwc.v1.Offer.$Properties
             * @deprecated Use bwc.v1.Offer.$Properties instead.
             */

            /**
             * Shape of an Offer.
             * @typedef {bwc.v1.Offer.$Properties} bwc.v1.Offer.$Shape
             */

            /**
             * Constructs a new Offer.
             * @memberof bwc.v1
             * @classdesc Represents an Offer.
             * @constructor
             * @param {bwc.v1.Offer.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Offer = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Offer sessionId.
             * @member {Uint8Array} sessionId
             * @memberof bwc.v1.Offer
             * @instance
             */
            Offer.prototype.sessionId = $util.newBuffer([]);

            /**
             * Offer recordingId.
             * @member {Uint8Array} recordingId
             * @memberof bwc.v1.Offer
             * @instance
             */
            Offer.prototype.recordingId = $util.newBuffer([]);

            /**
             * Offer manifestBytes.
             * @member {number} manifestBytes
             * @memberof bwc.v1.Offer
             * @instance
             */
            Offer.prototype.manifestBytes = 0;

            /**
             * Offer manifestSha256.
             * @member {Uint8Array} manifestSha256
             * @memberof bwc.v1.Offer
             * @instance
             */
            Offer.prototype.manifestSha256 = $util.newBuffer([]);

            /**
             * Offer contentBytes.
             * @member {number} contentBytes
             * @memberof bwc.v1.Offer
             * @instance
             */
            Offer.prototype.contentBytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Offer wraps.
             * @member {Uint8Array} wraps
             * @memberof bwc.v1.Offer
             * @instance
             */
            Offer.prototype.wraps = $util.newBuffer([]);

            /**
             * Offer ledgerSize.
             * @member {number} ledgerSize
             * @memberof bwc.v1.Offer
             * @instance
             */
            Offer.prototype.ledgerSize = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified Offer message. Does not implicitly {@link bwc.v1.Offer.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Offer
             * @static
             * @param {bwc.v1.Offer.$Properties} message Offer message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Offer.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sessionId != null && $Object.hasOwnProperty.call(message, "sessionId") && message.sessionId.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.sessionId);
                if (message.recordingId != null && $Object.hasOwnProperty.call(message, "recordingId") && message.recordingId.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.recordingId);
                if (message.manifestBytes != null && $Object.hasOwnProperty.call(message, "manifestBytes") && message.manifestBytes !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.manifestBytes);
                if (message.manifestSha256 != null && $Object.hasOwnProperty.call(message, "manifestSha256") && message.manifestSha256.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.manifestSha256);
                if (message.contentBytes != null && $Object.hasOwnProperty.call(message, "contentBytes") && (typeof message.contentBytes === "object" ? message.contentBytes.low || message.contentBytes.high : message.contentBytes !== 0))
                    writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.contentBytes);
                if (message.wraps != null && $Object.hasOwnProperty.call(message, "wraps") && message.wraps.length)
                    writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.wraps);
                if (message.ledgerSize != null && $Object.hasOwnProperty.call(message, "ledgerSize") && (typeof message.ledgerSize === "object" ? message.ledgerSize.low || message.ledgerSize.high : message.ledgerSize !== 0))
                    writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.ledgerSize);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Offer message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Offer
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Offer & bwc.v1.Offer.$Shape} Offer
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Offer.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Offer();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sessionId = value;
                            else
                                delete message.sessionId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.recordingId = value;
                            else
                                delete message.recordingId;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.manifestBytes = value;
                            else
                                delete message.manifestBytes;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.manifestSha256 = value;
                            else
                                delete message.manifestSha256;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.contentBytes = value;
                            else
                                delete message.contentBytes;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.wraps = value;
                            else
                                delete message.wraps;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.ledgerSize = value;
                            else
                                delete message.ledgerSize;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Offer;
        })();

        v1.Accept = (function() {

            /**
             * Properties of an Accept.
             * @typedef {Object} bwc.v1.Accept.$Properties
             * @property {Uint8Array|null} [sessionId] Accept sessionId
             * @property {Uint8Array|null} [recordingId] Accept recordingId
             * @property {number|null} [stream] Accept stream
             * @property {number|null} [leaseEpoch] Accept leaseEpoch
             * @property {number|null} [durableTo] Accept durableTo
             * @property {Uint8Array|null} [prefixDigest] Accept prefixDigest
             * @property {number|null} [creditTo] Accept creditTo
             * @property {number|null} [receivedTo] Accept receivedTo
             * @property {Array.<bwc.v1.Range.$Properties>|null} [held] Accept held
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Accept.
             * @memberof bwc.v1
             * @interface IAccept
             * @augments bwc.v1.Accept.$Properties
             * @deprecated Use bwc.v1.Accept.$Properties instead.
             */

            /**
             * Shape of an Accept.
             * @typedef {bwc.v1.Accept.$Properties} bwc.v1.Accept.$Shape
             */

            /**
             * Constructs a new Accept.
             * @memberof bwc.v1
             * @classdesc Represents an Accept.
             * @constructor
             * @param {bwc.v1.Accept.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Accept = function (properties) {
                this.held = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Accept sessionId.
             * @member {Uint8Array} sessionId
             * @memberof bwc.v1.Accept
             * @instance
             */
            Accept.prototype.sessionId = $util.newBuffer([]);

            /**
             * Accept recordingId.
             * @member {Uint8Array} recordingId
             * @memberof bwc.v1.Accept
             * @instance
             */
            Accept.prototype.recordingId = $util.newBuffer([]);

            /**
             * Accept stream.
             * @member {number} stream
             * @memberof bwc.v1.Accept
             * @instance
             */
            Accept.prototype.stream = 0;

            /**
             * Accept leaseEpoch.
             * @member {number} leaseEpoch
             * @memberof bwc.v1.Accept
             * @instance
             */
            Accept.prototype.leaseEpoch = 0;

            /**
             * Accept durableTo.
             * @member {number} durableTo
             * @memberof bwc.v1.Accept
             * @instance
             */
            Accept.prototype.durableTo = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Accept prefixDigest.
             * @member {Uint8Array} prefixDigest
             * @memberof bwc.v1.Accept
             * @instance
             */
            Accept.prototype.prefixDigest = $util.newBuffer([]);

            /**
             * Accept creditTo.
             * @member {number} creditTo
             * @memberof bwc.v1.Accept
             * @instance
             */
            Accept.prototype.creditTo = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Accept receivedTo.
             * @member {number} receivedTo
             * @memberof bwc.v1.Accept
             * @instance
             */
            Accept.prototype.receivedTo = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Accept held.
             * @member {Array.<bwc.v1.Range.$Properties>} held
             * @memberof bwc.v1.Accept
             * @instance
             */
            Accept.prototype.held = $util.emptyArray;

            /**
             * Encodes the specified Accept message. Does not implicitly {@link bwc.v1.Accept.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Accept
             * @static
             * @param {bwc.v1.Accept.$Properties} message Accept message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Accept.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sessionId != null && $Object.hasOwnProperty.call(message, "sessionId") && message.sessionId.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.sessionId);
                if (message.recordingId != null && $Object.hasOwnProperty.call(message, "recordingId") && message.recordingId.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.recordingId);
                if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && message.stream !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.stream);
                if (message.leaseEpoch != null && $Object.hasOwnProperty.call(message, "leaseEpoch") && message.leaseEpoch !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.leaseEpoch);
                if (message.durableTo != null && $Object.hasOwnProperty.call(message, "durableTo") && (typeof message.durableTo === "object" ? message.durableTo.low || message.durableTo.high : message.durableTo !== 0))
                    writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.durableTo);
                if (message.prefixDigest != null && $Object.hasOwnProperty.call(message, "prefixDigest") && message.prefixDigest.length)
                    writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.prefixDigest);
                if (message.creditTo != null && $Object.hasOwnProperty.call(message, "creditTo") && (typeof message.creditTo === "object" ? message.creditTo.low || message.creditTo.high : message.creditTo !== 0))
                    writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.creditTo);
                if (message.receivedTo != null && $Object.hasOwnProperty.call(message, "receivedTo") && (typeof message.receivedTo === "object" ? message.receivedTo.low || message.receivedTo.high : message.receivedTo !== 0))
                    writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.receivedTo);
                if (message.held != null && message.held.length)
                    for (let i = 0; i < message.held.length; ++i)
                        $root.bwc.v1.Range.encode(message.held[i], writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Accept message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Accept
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Accept & bwc.v1.Accept.$Shape} Accept
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Accept.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Accept();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sessionId = value;
                            else
                                delete message.sessionId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.recordingId = value;
                            else
                                delete message.recordingId;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.stream = value;
                            else
                                delete message.stream;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.leaseEpoch = value;
                            else
                                delete message.leaseEpoch;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.durableTo = value;
                            else
                                delete message.durableTo;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.prefixDigest = value;
                            else
                                delete message.prefixDigest;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.creditTo = value;
                            else
                                delete message.creditTo;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.receivedTo = value;
                            else
                                delete message.receivedTo;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if (!(message.held && message.held.length))
                                message.held = [];
                            message.held.push($root.bwc.v1.Range.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Accept;
        })();

        v1.Data = (function() {

            /**
             * Properties of a Data.
             * @typedef {Object} bwc.v1.Data.$Properties
             * @property {number|null} [stream] Data stream
             * @property {number|null} [txSeq] Data txSeq
             * @property {number|null} [flags] Data flags
             * @property {number|null} [offset] Data offset
             * @property {Uint8Array|null} [payload] Data payload
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Data.
             * @memberof bwc.v1
             * @interface IData
             * @augments bwc.v1.Data.$Properties
             * @deprecated Use bwc.v1.Data.$Properties instead.
             */

            /**
             * Shape of a Data.
             * @typedef {bwc.v1.Data.$Properties} bwc.v1.Data.$Shape
             */

            /**
             * Constructs a new Data.
             * @memberof bwc.v1
             * @classdesc Represents a Data.
             * @constructor
             * @param {bwc.v1.Data.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Data = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Data stream.
             * @member {number} stream
             * @memberof bwc.v1.Data
             * @instance
             */
            Data.prototype.stream = 0;

            /**
             * Data txSeq.
             * @member {number} txSeq
             * @memberof bwc.v1.Data
             * @instance
             */
            Data.prototype.txSeq = 0;

            /**
             * Data flags.
             * @member {number} flags
             * @memberof bwc.v1.Data
             * @instance
             */
            Data.prototype.flags = 0;

            /**
             * Data offset.
             * @member {number} offset
             * @memberof bwc.v1.Data
             * @instance
             */
            Data.prototype.offset = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Data payload.
             * @member {Uint8Array} payload
             * @memberof bwc.v1.Data
             * @instance
             */
            Data.prototype.payload = $util.newBuffer([]);

            /**
             * Encodes the specified Data message. Does not implicitly {@link bwc.v1.Data.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Data
             * @static
             * @param {bwc.v1.Data.$Properties} message Data message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Data.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && message.stream !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.stream);
                if (message.txSeq != null && $Object.hasOwnProperty.call(message, "txSeq") && message.txSeq !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.txSeq);
                if (message.flags != null && $Object.hasOwnProperty.call(message, "flags") && message.flags !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.flags);
                if (message.offset != null && $Object.hasOwnProperty.call(message, "offset") && (typeof message.offset === "object" ? message.offset.low || message.offset.high : message.offset !== 0))
                    writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.offset);
                if (message.payload != null && $Object.hasOwnProperty.call(message, "payload") && message.payload.length)
                    writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.payload);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Data message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Data
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Data & bwc.v1.Data.$Shape} Data
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Data.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Data();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.stream = value;
                            else
                                delete message.stream;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.txSeq = value;
                            else
                                delete message.txSeq;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.flags = value;
                            else
                                delete message.flags;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.offset = value;
                            else
                                delete message.offset;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.payload = value;
                            else
                                delete message.payload;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Data;
        })();

        v1.Range = (function() {

            /**
             * Properties of a Range.
             * @typedef {Object} bwc.v1.Range.$Properties
             * @property {number|null} [start] Range start
             * @property {number|null} [end] Range end
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Range.
             * @memberof bwc.v1
             * @interface IRange
             * @augments bwc.v1.Range.$Properties
             * @deprecated Use bwc.v1.Range.$Properties instead.
             */

            /**
             * Shape of a Range.
             * @typedef {bwc.v1.Range.$Properties} bwc.v1.Range.$Shape
             */

            /**
             * Constructs a new Range.
             * @memberof bwc.v1
             * @classdesc Represents a Range.
             * @constructor
             * @param {bwc.v1.Range.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Range = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Range start.
             * @member {number} start
             * @memberof bwc.v1.Range
             * @instance
             */
            Range.prototype.start = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Range end.
             * @member {number} end
             * @memberof bwc.v1.Range
             * @instance
             */
            Range.prototype.end = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified Range message. Does not implicitly {@link bwc.v1.Range.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Range
             * @static
             * @param {bwc.v1.Range.$Properties} message Range message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Range.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.start != null && $Object.hasOwnProperty.call(message, "start") && (typeof message.start === "object" ? message.start.low || message.start.high : message.start !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.start);
                if (message.end != null && $Object.hasOwnProperty.call(message, "end") && (typeof message.end === "object" ? message.end.low || message.end.high : message.end !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.end);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Range message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Range
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Range & bwc.v1.Range.$Shape} Range
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Range.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Range();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.start = value;
                            else
                                delete message.start;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.end = value;
                            else
                                delete message.end;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Range;
        })();

        v1.Ack = (function() {

            /**
             * Properties of an Ack.
             * @typedef {Object} bwc.v1.Ack.$Properties
             * @property {number|null} [stream] Ack stream
             * @property {number|null} [maxTxSeq] Ack maxTxSeq
             * @property {number|null} [receivedTo] Ack receivedTo
             * @property {number|null} [durableTo] Ack durableTo
             * @property {number|null} [creditTo] Ack creditTo
             * @property {Array.<bwc.v1.Range.$Properties>|null} [missing] Ack missing
             * @property {boolean|null} [pause] Ack pause
             * @property {bwc.v1.ErrorCode|null} [code] Ack code
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Ack.
             * @memberof bwc.v1
             * @interface IAck
             * @augments bwc.v1.Ack.$Properties
             * @deprecated Use bwc.v1.Ack.$Properties instead.
             */

            /**
             * Shape of an Ack.
             * @typedef {bwc.v1.Ack.$Properties} bwc.v1.Ack.$Shape
             */

            /**
             * Constructs a new Ack.
             * @memberof bwc.v1
             * @classdesc Represents an Ack.
             * @constructor
             * @param {bwc.v1.Ack.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Ack = function (properties) {
                this.missing = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Ack stream.
             * @member {number} stream
             * @memberof bwc.v1.Ack
             * @instance
             */
            Ack.prototype.stream = 0;

            /**
             * Ack maxTxSeq.
             * @member {number} maxTxSeq
             * @memberof bwc.v1.Ack
             * @instance
             */
            Ack.prototype.maxTxSeq = 0;

            /**
             * Ack receivedTo.
             * @member {number} receivedTo
             * @memberof bwc.v1.Ack
             * @instance
             */
            Ack.prototype.receivedTo = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Ack durableTo.
             * @member {number} durableTo
             * @memberof bwc.v1.Ack
             * @instance
             */
            Ack.prototype.durableTo = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Ack creditTo.
             * @member {number} creditTo
             * @memberof bwc.v1.Ack
             * @instance
             */
            Ack.prototype.creditTo = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Ack missing.
             * @member {Array.<bwc.v1.Range.$Properties>} missing
             * @memberof bwc.v1.Ack
             * @instance
             */
            Ack.prototype.missing = $util.emptyArray;

            /**
             * Ack pause.
             * @member {boolean} pause
             * @memberof bwc.v1.Ack
             * @instance
             */
            Ack.prototype.pause = false;

            /**
             * Ack code.
             * @member {bwc.v1.ErrorCode} code
             * @memberof bwc.v1.Ack
             * @instance
             */
            Ack.prototype.code = 0;

            /**
             * Encodes the specified Ack message. Does not implicitly {@link bwc.v1.Ack.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Ack
             * @static
             * @param {bwc.v1.Ack.$Properties} message Ack message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Ack.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && message.stream !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.stream);
                if (message.maxTxSeq != null && $Object.hasOwnProperty.call(message, "maxTxSeq") && message.maxTxSeq !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.maxTxSeq);
                if (message.receivedTo != null && $Object.hasOwnProperty.call(message, "receivedTo") && (typeof message.receivedTo === "object" ? message.receivedTo.low || message.receivedTo.high : message.receivedTo !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.receivedTo);
                if (message.durableTo != null && $Object.hasOwnProperty.call(message, "durableTo") && (typeof message.durableTo === "object" ? message.durableTo.low || message.durableTo.high : message.durableTo !== 0))
                    writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.durableTo);
                if (message.creditTo != null && $Object.hasOwnProperty.call(message, "creditTo") && (typeof message.creditTo === "object" ? message.creditTo.low || message.creditTo.high : message.creditTo !== 0))
                    writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.creditTo);
                if (message.missing != null && message.missing.length)
                    for (let i = 0; i < message.missing.length; ++i)
                        $root.bwc.v1.Range.encode(message.missing[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.pause != null && $Object.hasOwnProperty.call(message, "pause") && message.pause !== false)
                    writer.uint32(/* id 7, wireType 0 =*/56).bool(message.pause);
                if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== 0)
                    writer.uint32(/* id 8, wireType 0 =*/64).int32(message.code);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Ack message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Ack
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Ack & bwc.v1.Ack.$Shape} Ack
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Ack.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Ack();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.stream = value;
                            else
                                delete message.stream;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.maxTxSeq = value;
                            else
                                delete message.maxTxSeq;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.receivedTo = value;
                            else
                                delete message.receivedTo;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.durableTo = value;
                            else
                                delete message.durableTo;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.creditTo = value;
                            else
                                delete message.creditTo;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.missing && message.missing.length))
                                message.missing = [];
                            message.missing.push($root.bwc.v1.Range.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.pause = value;
                            else
                                delete message.pause;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.code = value;
                            else
                                delete message.code;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Ack;
        })();

        v1.Fin = (function() {

            /**
             * Properties of a Fin.
             * @typedef {Object} bwc.v1.Fin.$Properties
             * @property {number|null} [stream] Fin stream
             * @property {number|null} [totalBytes] Fin totalBytes
             * @property {number|null} [ledgerSize] Fin ledgerSize
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Fin.
             * @memberof bwc.v1
             * @interface IFin
             * @augments bwc.v1.Fin.$Properties
             * @deprecated Use bwc.v1.Fin.$Properties instead.
             */

            /**
             * Shape of a Fin.
             * @typedef {bwc.v1.Fin.$Properties} bwc.v1.Fin.$Shape
             */

            /**
             * Constructs a new Fin.
             * @memberof bwc.v1
             * @classdesc Represents a Fin.
             * @constructor
             * @param {bwc.v1.Fin.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Fin = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Fin stream.
             * @member {number} stream
             * @memberof bwc.v1.Fin
             * @instance
             */
            Fin.prototype.stream = 0;

            /**
             * Fin totalBytes.
             * @member {number} totalBytes
             * @memberof bwc.v1.Fin
             * @instance
             */
            Fin.prototype.totalBytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Fin ledgerSize.
             * @member {number} ledgerSize
             * @memberof bwc.v1.Fin
             * @instance
             */
            Fin.prototype.ledgerSize = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified Fin message. Does not implicitly {@link bwc.v1.Fin.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Fin
             * @static
             * @param {bwc.v1.Fin.$Properties} message Fin message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Fin.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && message.stream !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.stream);
                if (message.totalBytes != null && $Object.hasOwnProperty.call(message, "totalBytes") && (typeof message.totalBytes === "object" ? message.totalBytes.low || message.totalBytes.high : message.totalBytes !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.totalBytes);
                if (message.ledgerSize != null && $Object.hasOwnProperty.call(message, "ledgerSize") && (typeof message.ledgerSize === "object" ? message.ledgerSize.low || message.ledgerSize.high : message.ledgerSize !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.ledgerSize);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Fin message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Fin
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Fin & bwc.v1.Fin.$Shape} Fin
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Fin.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Fin();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.stream = value;
                            else
                                delete message.stream;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.totalBytes = value;
                            else
                                delete message.totalBytes;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.ledgerSize = value;
                            else
                                delete message.ledgerSize;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Fin;
        })();

        /**
         * Outcome enum.
         * @name bwc.v1.Outcome
         * @enum {number}
         * @property {number} OUTCOME_UNSPECIFIED=0 OUTCOME_UNSPECIFIED value
         * @property {number} OUTCOME_ACCEPTED=1 OUTCOME_ACCEPTED value
         * @property {number} OUTCOME_QUARANTINED=2 OUTCOME_QUARANTINED value
         */
        v1.Outcome = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "OUTCOME_UNSPECIFIED"] = 0;
            values[valuesById[1] = "OUTCOME_ACCEPTED"] = 1;
            values[valuesById[2] = "OUTCOME_QUARANTINED"] = 2;
            return values;
        })();

        v1.ReceiptBody = (function() {

            /**
             * Properties of a ReceiptBody.
             * @typedef {Object} bwc.v1.ReceiptBody.$Properties
             * @property {bwc.v1.Outcome|null} [outcome] ReceiptBody outcome
             * @property {Uint8Array|null} [recordingId] ReceiptBody recordingId
             * @property {Uint8Array|null} [manifestSha256] ReceiptBody manifestSha256
             * @property {Uint8Array|null} [entry] ReceiptBody entry
             * @property {string|null} [proof] ReceiptBody proof
             * @property {string|null} [reason] ReceiptBody reason
             * @property {number|null} [consistencyFrom] ReceiptBody consistencyFrom
             * @property {Array.<Uint8Array>|null} [consistency] ReceiptBody consistency
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ReceiptBody.
             * @memberof bwc.v1
             * @interface IReceiptBody
             * @augments bwc.v1.ReceiptBody.$Properties
             * @deprecated Use bwc.v1.ReceiptBody.$Properties instead.
             */

            /**
             * Shape of a ReceiptBody.
             * @typedef {bwc.v1.ReceiptBody.$Properties} bwc.v1.ReceiptBody.$Shape
             */

            /**
             * Constructs a new ReceiptBody.
             * @memberof bwc.v1
             * @classdesc Represents a ReceiptBody.
             * @constructor
             * @param {bwc.v1.ReceiptBody.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ReceiptBody = function (properties) {
                this.consistency = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ReceiptBody outcome.
             * @member {bwc.v1.Outcome} outcome
             * @memberof bwc.v1.ReceiptBody
             * @instance
             */
            ReceiptBody.prototype.outcome = 0;

            /**
             * ReceiptBody recordingId.
             * @member {Uint8Array} recordingId
             * @memberof bwc.v1.ReceiptBody
             * @instance
             */
            ReceiptBody.prototype.recordingId = $util.newBuffer([]);

            /**
             * ReceiptBody manifestSha256.
             * @member {Uint8Array} manifestSha256
             * @memberof bwc.v1.ReceiptBody
             * @instance
             */
            ReceiptBody.prototype.manifestSha256 = $util.newBuffer([]);

            /**
             * ReceiptBody entry.
             * @member {Uint8Array} entry
             * @memberof bwc.v1.ReceiptBody
             * @instance
             */
            ReceiptBody.prototype.entry = $util.newBuffer([]);

            /**
             * ReceiptBody proof.
             * @member {string} proof
             * @memberof bwc.v1.ReceiptBody
             * @instance
             */
            ReceiptBody.prototype.proof = "";

            /**
             * ReceiptBody reason.
             * @member {string} reason
             * @memberof bwc.v1.ReceiptBody
             * @instance
             */
            ReceiptBody.prototype.reason = "";

            /**
             * ReceiptBody consistencyFrom.
             * @member {number} consistencyFrom
             * @memberof bwc.v1.ReceiptBody
             * @instance
             */
            ReceiptBody.prototype.consistencyFrom = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * ReceiptBody consistency.
             * @member {Array.<Uint8Array>} consistency
             * @memberof bwc.v1.ReceiptBody
             * @instance
             */
            ReceiptBody.prototype.consistency = $util.emptyArray;

            /**
             * Encodes the specified ReceiptBody message. Does not implicitly {@link bwc.v1.ReceiptBody.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.ReceiptBody
             * @static
             * @param {bwc.v1.ReceiptBody.$Properties} message ReceiptBody message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ReceiptBody.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.outcome != null && $Object.hasOwnProperty.call(message, "outcome") && message.outcome !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).int32(message.outcome);
                if (message.recordingId != null && $Object.hasOwnProperty.call(message, "recordingId") && message.recordingId.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.recordingId);
                if (message.manifestSha256 != null && $Object.hasOwnProperty.call(message, "manifestSha256") && message.manifestSha256.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.manifestSha256);
                if (message.entry != null && $Object.hasOwnProperty.call(message, "entry") && message.entry.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.entry);
                if (message.proof != null && $Object.hasOwnProperty.call(message, "proof") && message.proof !== "")
                    writer.uint32(/* id 5, wireType 2 =*/42).string(message.proof);
                if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                    writer.uint32(/* id 6, wireType 2 =*/50).string(message.reason);
                if (message.consistencyFrom != null && $Object.hasOwnProperty.call(message, "consistencyFrom") && (typeof message.consistencyFrom === "object" ? message.consistencyFrom.low || message.consistencyFrom.high : message.consistencyFrom !== 0))
                    writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.consistencyFrom);
                if (message.consistency != null && message.consistency.length)
                    for (let i = 0; i < message.consistency.length; ++i)
                        writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.consistency[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ReceiptBody message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.ReceiptBody
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.ReceiptBody & bwc.v1.ReceiptBody.$Shape} ReceiptBody
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ReceiptBody.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.ReceiptBody();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.outcome = value;
                            else
                                delete message.outcome;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.recordingId = value;
                            else
                                delete message.recordingId;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.manifestSha256 = value;
                            else
                                delete message.manifestSha256;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.entry = value;
                            else
                                delete message.entry;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.proof = value;
                            else
                                delete message.proof;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.reason = value;
                            else
                                delete message.reason;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.consistencyFrom = value;
                            else
                                delete message.consistencyFrom;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if (!(message.consistency && message.consistency.length))
                                message.consistency = [];
                            message.consistency.push(reader.bytes());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ReceiptBody;
        })();

        v1.Receipt = (function() {

            /**
             * Properties of a Receipt.
             * @typedef {Object} bwc.v1.Receipt.$Properties
             * @property {Uint8Array|null} [body] Receipt body
             * @property {Uint8Array|null} [signature] Receipt signature
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Receipt.
             * @memberof bwc.v1
             * @interface IReceipt
             * @augments bwc.v1.Receipt.$Properties
             * @deprecated Use bwc.v1.Receipt.$Properties instead.
             */

            /**
             * Shape of a Receipt.
             * @typedef {bwc.v1.Receipt.$Properties} bwc.v1.Receipt.$Shape
             */

            /**
             * Constructs a new Receipt.
             * @memberof bwc.v1
             * @classdesc Represents a Receipt.
             * @constructor
             * @param {bwc.v1.Receipt.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Receipt = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Receipt body.
             * @member {Uint8Array} body
             * @memberof bwc.v1.Receipt
             * @instance
             */
            Receipt.prototype.body = $util.newBuffer([]);

            /**
             * Receipt signature.
             * @member {Uint8Array} signature
             * @memberof bwc.v1.Receipt
             * @instance
             */
            Receipt.prototype.signature = $util.newBuffer([]);

            /**
             * Encodes the specified Receipt message. Does not implicitly {@link bwc.v1.Receipt.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Receipt
             * @static
             * @param {bwc.v1.Receipt.$Properties} message Receipt message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Receipt.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.body);
                if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.signature);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Receipt message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Receipt
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Receipt & bwc.v1.Receipt.$Shape} Receipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Receipt.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Receipt();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.signature = value;
                            else
                                delete message.signature;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Receipt;
        })();

        v1.ReceiptAck = (function() {

            /**
             * Properties of a ReceiptAck.
             * @typedef {Object} bwc.v1.ReceiptAck.$Properties
             * @property {Uint8Array|null} [recordingId] ReceiptAck recordingId
             * @property {boolean|null} [erased] ReceiptAck erased
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ReceiptAck.
             * @memberof bwc.v1
             * @interface IReceiptAck
             * @augments bwc.v1.ReceiptAck.$Properties
             * @deprecated Use bwc.v1.ReceiptAck.$Properties instead.
             */

            /**
             * Shape of a ReceiptAck.
             * @typedef {bwc.v1.ReceiptAck.$Properties} bwc.v1.ReceiptAck.$Shape
             */

            /**
             * Constructs a new ReceiptAck.
             * @memberof bwc.v1
             * @classdesc Represents a ReceiptAck.
             * @constructor
             * @param {bwc.v1.ReceiptAck.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ReceiptAck = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ReceiptAck recordingId.
             * @member {Uint8Array} recordingId
             * @memberof bwc.v1.ReceiptAck
             * @instance
             */
            ReceiptAck.prototype.recordingId = $util.newBuffer([]);

            /**
             * ReceiptAck erased.
             * @member {boolean} erased
             * @memberof bwc.v1.ReceiptAck
             * @instance
             */
            ReceiptAck.prototype.erased = false;

            /**
             * Encodes the specified ReceiptAck message. Does not implicitly {@link bwc.v1.ReceiptAck.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.ReceiptAck
             * @static
             * @param {bwc.v1.ReceiptAck.$Properties} message ReceiptAck message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ReceiptAck.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.recordingId != null && $Object.hasOwnProperty.call(message, "recordingId") && message.recordingId.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.recordingId);
                if (message.erased != null && $Object.hasOwnProperty.call(message, "erased") && message.erased !== false)
                    writer.uint32(/* id 2, wireType 0 =*/16).bool(message.erased);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ReceiptAck message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.ReceiptAck
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.ReceiptAck & bwc.v1.ReceiptAck.$Shape} ReceiptAck
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ReceiptAck.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.ReceiptAck();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.recordingId = value;
                            else
                                delete message.recordingId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.erased = value;
                            else
                                delete message.erased;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ReceiptAck;
        })();

        v1.Ticket = (function() {

            /**
             * Properties of a Ticket.
             * @typedef {Object} bwc.v1.Ticket.$Properties
             * @property {Uint8Array|null} [sessionId] Ticket sessionId
             * @property {string|null} [note] Ticket note
             * @property {number|null} [consistencyFrom] Ticket consistencyFrom
             * @property {Array.<Uint8Array>|null} [consistency] Ticket consistency
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Ticket.
             * @memberof bwc.v1
             * @interface ITicket
             * @augments bwc.v1.Ticket.$Properties
             * @deprecated Use bwc.v1.Ticket.$Properties instead.
             */

            /**
             * Shape of a Ticket.
             * @typedef {bwc.v1.Ticket.$Properties} bwc.v1.Ticket.$Shape
             */

            /**
             * Constructs a new Ticket.
             * @memberof bwc.v1
             * @classdesc Represents a Ticket.
             * @constructor
             * @param {bwc.v1.Ticket.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Ticket = function (properties) {
                this.consistency = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Ticket sessionId.
             * @member {Uint8Array} sessionId
             * @memberof bwc.v1.Ticket
             * @instance
             */
            Ticket.prototype.sessionId = $util.newBuffer([]);

            /**
             * Ticket note.
             * @member {string} note
             * @memberof bwc.v1.Ticket
             * @instance
             */
            Ticket.prototype.note = "";

            /**
             * Ticket consistencyFrom.
             * @member {number} consistencyFrom
             * @memberof bwc.v1.Ticket
             * @instance
             */
            Ticket.prototype.consistencyFrom = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Ticket consistency.
             * @member {Array.<Uint8Array>} consistency
             * @memberof bwc.v1.Ticket
             * @instance
             */
            Ticket.prototype.consistency = $util.emptyArray;

            /**
             * Encodes the specified Ticket message. Does not implicitly {@link bwc.v1.Ticket.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Ticket
             * @static
             * @param {bwc.v1.Ticket.$Properties} message Ticket message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Ticket.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sessionId != null && $Object.hasOwnProperty.call(message, "sessionId") && message.sessionId.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.sessionId);
                if (message.note != null && $Object.hasOwnProperty.call(message, "note") && message.note !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.note);
                if (message.consistencyFrom != null && $Object.hasOwnProperty.call(message, "consistencyFrom") && (typeof message.consistencyFrom === "object" ? message.consistencyFrom.low || message.consistencyFrom.high : message.consistencyFrom !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.consistencyFrom);
                if (message.consistency != null && message.consistency.length)
                    for (let i = 0; i < message.consistency.length; ++i)
                        writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.consistency[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Ticket message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Ticket
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Ticket & bwc.v1.Ticket.$Shape} Ticket
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Ticket.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Ticket();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sessionId = value;
                            else
                                delete message.sessionId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.note = value;
                            else
                                delete message.note;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.consistencyFrom = value;
                            else
                                delete message.consistencyFrom;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.consistency && message.consistency.length))
                                message.consistency = [];
                            message.consistency.push(reader.bytes());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Ticket;
        })();

        v1.Ping = (function() {

            /**
             * Properties of a Ping.
             * @typedef {Object} bwc.v1.Ping.$Properties
             * @property {number|null} [sentUs] Ping sentUs
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Ping.
             * @memberof bwc.v1
             * @interface IPing
             * @augments bwc.v1.Ping.$Properties
             * @deprecated Use bwc.v1.Ping.$Properties instead.
             */

            /**
             * Shape of a Ping.
             * @typedef {bwc.v1.Ping.$Properties} bwc.v1.Ping.$Shape
             */

            /**
             * Constructs a new Ping.
             * @memberof bwc.v1
             * @classdesc Represents a Ping.
             * @constructor
             * @param {bwc.v1.Ping.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Ping = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Ping sentUs.
             * @member {number} sentUs
             * @memberof bwc.v1.Ping
             * @instance
             */
            Ping.prototype.sentUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified Ping message. Does not implicitly {@link bwc.v1.Ping.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Ping
             * @static
             * @param {bwc.v1.Ping.$Properties} message Ping message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Ping.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sentUs != null && $Object.hasOwnProperty.call(message, "sentUs") && (typeof message.sentUs === "object" ? message.sentUs.low || message.sentUs.high : message.sentUs !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.sentUs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Ping message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Ping
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Ping & bwc.v1.Ping.$Shape} Ping
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Ping.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Ping();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.sentUs = value;
                            else
                                delete message.sentUs;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Ping;
        })();

        v1.Pong = (function() {

            /**
             * Properties of a Pong.
             * @typedef {Object} bwc.v1.Pong.$Properties
             * @property {number|null} [pingSentUs] Pong pingSentUs
             * @property {number|null} [receivedUs] Pong receivedUs
             * @property {number|null} [sentUs] Pong sentUs
             * @property {number|null} [wallUs] Pong wallUs
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Pong.
             * @memberof bwc.v1
             * @interface IPong
             * @augments bwc.v1.Pong.$Properties
             * @deprecated Use bwc.v1.Pong.$Properties instead.
             */

            /**
             * Shape of a Pong.
             * @typedef {bwc.v1.Pong.$Properties} bwc.v1.Pong.$Shape
             */

            /**
             * Constructs a new Pong.
             * @memberof bwc.v1
             * @classdesc Represents a Pong.
             * @constructor
             * @param {bwc.v1.Pong.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Pong = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Pong pingSentUs.
             * @member {number} pingSentUs
             * @memberof bwc.v1.Pong
             * @instance
             */
            Pong.prototype.pingSentUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Pong receivedUs.
             * @member {number} receivedUs
             * @memberof bwc.v1.Pong
             * @instance
             */
            Pong.prototype.receivedUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Pong sentUs.
             * @member {number} sentUs
             * @memberof bwc.v1.Pong
             * @instance
             */
            Pong.prototype.sentUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Pong wallUs.
             * @member {number} wallUs
             * @memberof bwc.v1.Pong
             * @instance
             */
            Pong.prototype.wallUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified Pong message. Does not implicitly {@link bwc.v1.Pong.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Pong
             * @static
             * @param {bwc.v1.Pong.$Properties} message Pong message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Pong.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.pingSentUs != null && $Object.hasOwnProperty.call(message, "pingSentUs") && (typeof message.pingSentUs === "object" ? message.pingSentUs.low || message.pingSentUs.high : message.pingSentUs !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.pingSentUs);
                if (message.receivedUs != null && $Object.hasOwnProperty.call(message, "receivedUs") && (typeof message.receivedUs === "object" ? message.receivedUs.low || message.receivedUs.high : message.receivedUs !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.receivedUs);
                if (message.sentUs != null && $Object.hasOwnProperty.call(message, "sentUs") && (typeof message.sentUs === "object" ? message.sentUs.low || message.sentUs.high : message.sentUs !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.sentUs);
                if (message.wallUs != null && $Object.hasOwnProperty.call(message, "wallUs") && (typeof message.wallUs === "object" ? message.wallUs.low || message.wallUs.high : message.wallUs !== 0))
                    writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.wallUs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Pong message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Pong
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Pong & bwc.v1.Pong.$Shape} Pong
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Pong.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Pong();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.pingSentUs = value;
                            else
                                delete message.pingSentUs;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.receivedUs = value;
                            else
                                delete message.receivedUs;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.sentUs = value;
                            else
                                delete message.sentUs;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.wallUs = value;
                            else
                                delete message.wallUs;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Pong;
        })();

        /**
         * CameraState enum.
         * @name bwc.v1.CameraState
         * @enum {number}
         * @property {number} CAMERA_STATE_UNSPECIFIED=0 CAMERA_STATE_UNSPECIFIED value
         * @property {number} CAMERA_STATE_READY=1 CAMERA_STATE_READY value
         * @property {number} CAMERA_STATE_RECORDING=2 CAMERA_STATE_RECORDING value
         * @property {number} CAMERA_STATE_DOCKED=3 CAMERA_STATE_DOCKED value
         * @property {number} CAMERA_STATE_TRANSFERRING=4 CAMERA_STATE_TRANSFERRING value
         * @property {number} CAMERA_STATE_STORAGE_FULL=5 CAMERA_STATE_STORAGE_FULL value
         */
        v1.CameraState = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "CAMERA_STATE_UNSPECIFIED"] = 0;
            values[valuesById[1] = "CAMERA_STATE_READY"] = 1;
            values[valuesById[2] = "CAMERA_STATE_RECORDING"] = 2;
            values[valuesById[3] = "CAMERA_STATE_DOCKED"] = 3;
            values[valuesById[4] = "CAMERA_STATE_TRANSFERRING"] = 4;
            values[valuesById[5] = "CAMERA_STATE_STORAGE_FULL"] = 5;
            return values;
        })();

        v1.Telemetry = (function() {

            /**
             * Properties of a Telemetry.
             * @typedef {Object} bwc.v1.Telemetry.$Properties
             * @property {bwc.v1.CameraState|null} [state] Telemetry state
             * @property {number|null} [batteryPercent] Telemetry batteryPercent
             * @property {number|null} [flashFreeBytes] Telemetry flashFreeBytes
             * @property {number|null} [recordingsHeld] Telemetry recordingsHeld
             * @property {string|null} [officerId] Telemetry officerId
             * @property {number|null} [cameraWallUs] Telemetry cameraWallUs
             * @property {number|null} [bytesHeld] Telemetry bytesHeld
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Telemetry.
             * @memberof bwc.v1
             * @interface ITelemetry
             * @augments bwc.v1.Telemetry.$Properties
             * @deprecated Use bwc.v1.Telemetry.$Properties instead.
             */

            /**
             * Shape of a Telemetry.
             * @typedef {bwc.v1.Telemetry.$Properties} bwc.v1.Telemetry.$Shape
             */

            /**
             * Constructs a new Telemetry.
             * @memberof bwc.v1
             * @classdesc Represents a Telemetry.
             * @constructor
             * @param {bwc.v1.Telemetry.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Telemetry = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Telemetry state.
             * @member {bwc.v1.CameraState} state
             * @memberof bwc.v1.Telemetry
             * @instance
             */
            Telemetry.prototype.state = 0;

            /**
             * Telemetry batteryPercent.
             * @member {number} batteryPercent
             * @memberof bwc.v1.Telemetry
             * @instance
             */
            Telemetry.prototype.batteryPercent = 0;

            /**
             * Telemetry flashFreeBytes.
             * @member {number} flashFreeBytes
             * @memberof bwc.v1.Telemetry
             * @instance
             */
            Telemetry.prototype.flashFreeBytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Telemetry recordingsHeld.
             * @member {number} recordingsHeld
             * @memberof bwc.v1.Telemetry
             * @instance
             */
            Telemetry.prototype.recordingsHeld = 0;

            /**
             * Telemetry officerId.
             * @member {string} officerId
             * @memberof bwc.v1.Telemetry
             * @instance
             */
            Telemetry.prototype.officerId = "";

            /**
             * Telemetry cameraWallUs.
             * @member {number} cameraWallUs
             * @memberof bwc.v1.Telemetry
             * @instance
             */
            Telemetry.prototype.cameraWallUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Telemetry bytesHeld.
             * @member {number} bytesHeld
             * @memberof bwc.v1.Telemetry
             * @instance
             */
            Telemetry.prototype.bytesHeld = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified Telemetry message. Does not implicitly {@link bwc.v1.Telemetry.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Telemetry
             * @static
             * @param {bwc.v1.Telemetry.$Properties} message Telemetry message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Telemetry.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).int32(message.state);
                if (message.batteryPercent != null && $Object.hasOwnProperty.call(message, "batteryPercent") && message.batteryPercent !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.batteryPercent);
                if (message.flashFreeBytes != null && $Object.hasOwnProperty.call(message, "flashFreeBytes") && (typeof message.flashFreeBytes === "object" ? message.flashFreeBytes.low || message.flashFreeBytes.high : message.flashFreeBytes !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.flashFreeBytes);
                if (message.recordingsHeld != null && $Object.hasOwnProperty.call(message, "recordingsHeld") && message.recordingsHeld !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.recordingsHeld);
                if (message.officerId != null && $Object.hasOwnProperty.call(message, "officerId") && message.officerId !== "")
                    writer.uint32(/* id 5, wireType 2 =*/42).string(message.officerId);
                if (message.cameraWallUs != null && $Object.hasOwnProperty.call(message, "cameraWallUs") && (typeof message.cameraWallUs === "object" ? message.cameraWallUs.low || message.cameraWallUs.high : message.cameraWallUs !== 0))
                    writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.cameraWallUs);
                if (message.bytesHeld != null && $Object.hasOwnProperty.call(message, "bytesHeld") && (typeof message.bytesHeld === "object" ? message.bytesHeld.low || message.bytesHeld.high : message.bytesHeld !== 0))
                    writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.bytesHeld);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Telemetry message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Telemetry
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Telemetry & bwc.v1.Telemetry.$Shape} Telemetry
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Telemetry.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Telemetry();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.state = value;
                            else
                                delete message.state;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.batteryPercent = value;
                            else
                                delete message.batteryPercent;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.flashFreeBytes = value;
                            else
                                delete message.flashFreeBytes;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.recordingsHeld = value;
                            else
                                delete message.recordingsHeld;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.officerId = value;
                            else
                                delete message.officerId;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.cameraWallUs = value;
                            else
                                delete message.cameraWallUs;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.bytesHeld = value;
                            else
                                delete message.bytesHeld;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Telemetry;
        })();

        /**
         * ErrorClass enum.
         * @name bwc.v1.ErrorClass
         * @enum {number}
         * @property {number} ERROR_CLASS_UNSPECIFIED=0 ERROR_CLASS_UNSPECIFIED value
         * @property {number} ERROR_CLASS_RETRY=1 ERROR_CLASS_RETRY value
         * @property {number} ERROR_CLASS_RENEGOTIATE=2 ERROR_CLASS_RENEGOTIATE value
         * @property {number} ERROR_CLASS_RESTART_STREAM=3 ERROR_CLASS_RESTART_STREAM value
         * @property {number} ERROR_CLASS_NEVER=4 ERROR_CLASS_NEVER value
         */
        v1.ErrorClass = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "ERROR_CLASS_UNSPECIFIED"] = 0;
            values[valuesById[1] = "ERROR_CLASS_RETRY"] = 1;
            values[valuesById[2] = "ERROR_CLASS_RENEGOTIATE"] = 2;
            values[valuesById[3] = "ERROR_CLASS_RESTART_STREAM"] = 3;
            values[valuesById[4] = "ERROR_CLASS_NEVER"] = 4;
            return values;
        })();

        /**
         * ErrorCode enum.
         * @name bwc.v1.ErrorCode
         * @enum {number}
         * @property {number} ERROR_CODE_UNSPECIFIED=0 ERROR_CODE_UNSPECIFIED value
         * @property {number} ERROR_CODE_VERSION=1 ERROR_CODE_VERSION value
         * @property {number} ERROR_CODE_UNKNOWN_CAMERA=2 ERROR_CODE_UNKNOWN_CAMERA value
         * @property {number} ERROR_CODE_UNKNOWN_DOCK=3 ERROR_CODE_UNKNOWN_DOCK value
         * @property {number} ERROR_CODE_BAD_SIGNATURE=4 ERROR_CODE_BAD_SIGNATURE value
         * @property {number} ERROR_CODE_MALFORMED=5 ERROR_CODE_MALFORMED value
         * @property {number} ERROR_CODE_OVERSIZE=6 ERROR_CODE_OVERSIZE value
         * @property {number} ERROR_CODE_NO_SESSION=7 ERROR_CODE_NO_SESSION value
         * @property {number} ERROR_CODE_UNKNOWN_STREAM=8 ERROR_CODE_UNKNOWN_STREAM value
         * @property {number} ERROR_CODE_STALE_LEASE=9 ERROR_CODE_STALE_LEASE value
         * @property {number} ERROR_CODE_PREFIX_MISMATCH=10 ERROR_CODE_PREFIX_MISMATCH value
         * @property {number} ERROR_CODE_BAD_MANIFEST=11 ERROR_CODE_BAD_MANIFEST value
         * @property {number} ERROR_CODE_BAD_CHUNK=12 ERROR_CODE_BAD_CHUNK value
         * @property {number} ERROR_CODE_STORAGE_FULL=13 ERROR_CODE_STORAGE_FULL value
         * @property {number} ERROR_CODE_STORAGE_FAULT=14 ERROR_CODE_STORAGE_FAULT value
         * @property {number} ERROR_CODE_BUSY=15 ERROR_CODE_BUSY value
         * @property {number} ERROR_CODE_SHUTTING_DOWN=16 ERROR_CODE_SHUTTING_DOWN value
         * @property {number} ERROR_CODE_BAD_RECEIPT=17 ERROR_CODE_BAD_RECEIPT value
         */
        v1.ErrorCode = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "ERROR_CODE_UNSPECIFIED"] = 0;
            values[valuesById[1] = "ERROR_CODE_VERSION"] = 1;
            values[valuesById[2] = "ERROR_CODE_UNKNOWN_CAMERA"] = 2;
            values[valuesById[3] = "ERROR_CODE_UNKNOWN_DOCK"] = 3;
            values[valuesById[4] = "ERROR_CODE_BAD_SIGNATURE"] = 4;
            values[valuesById[5] = "ERROR_CODE_MALFORMED"] = 5;
            values[valuesById[6] = "ERROR_CODE_OVERSIZE"] = 6;
            values[valuesById[7] = "ERROR_CODE_NO_SESSION"] = 7;
            values[valuesById[8] = "ERROR_CODE_UNKNOWN_STREAM"] = 8;
            values[valuesById[9] = "ERROR_CODE_STALE_LEASE"] = 9;
            values[valuesById[10] = "ERROR_CODE_PREFIX_MISMATCH"] = 10;
            values[valuesById[11] = "ERROR_CODE_BAD_MANIFEST"] = 11;
            values[valuesById[12] = "ERROR_CODE_BAD_CHUNK"] = 12;
            values[valuesById[13] = "ERROR_CODE_STORAGE_FULL"] = 13;
            values[valuesById[14] = "ERROR_CODE_STORAGE_FAULT"] = 14;
            values[valuesById[15] = "ERROR_CODE_BUSY"] = 15;
            values[valuesById[16] = "ERROR_CODE_SHUTTING_DOWN"] = 16;
            values[valuesById[17] = "ERROR_CODE_BAD_RECEIPT"] = 17;
            return values;
        })();

        v1.Abort = (function() {

            /**
             * Properties of an Abort.
             * @typedef {Object} bwc.v1.Abort.$Properties
             * @property {number|null} [stream] Abort stream
             * @property {bwc.v1.ErrorCode|null} [code] Abort code
             * @property {bwc.v1.ErrorClass|null} ["class"] Abort class
             * @property {string|null} [message] Abort message
             * @property {Uint8Array|null} [recordingId] Abort recordingId
             * @property {Uint8Array|null} [sessionId] Abort sessionId
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Abort.
             * @memberof bwc.v1
             * @interface IAbort
             * @augments bwc.v1.Abort.$Properties
             * @deprecated Use bwc.v1.Abort.$Properties instead.
             */

            /**
             * Shape of an Abort.
             * @typedef {bwc.v1.Abort.$Properties} bwc.v1.Abort.$Shape
             */

            /**
             * Constructs a new Abort.
             * @memberof bwc.v1
             * @classdesc Represents an Abort.
             * @constructor
             * @param {bwc.v1.Abort.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Abort = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Abort stream.
             * @member {number} stream
             * @memberof bwc.v1.Abort
             * @instance
             */
            Abort.prototype.stream = 0;

            /**
             * Abort code.
             * @member {bwc.v1.ErrorCode} code
             * @memberof bwc.v1.Abort
             * @instance
             */
            Abort.prototype.code = 0;

            /**
             * Abort class.
             * @member {bwc.v1.ErrorClass} class
             * @memberof bwc.v1.Abort
             * @instance
             */
            Abort.prototype["class"] = 0;

            /**
             * Abort message.
             * @member {string} message
             * @memberof bwc.v1.Abort
             * @instance
             */
            Abort.prototype.message = "";

            /**
             * Abort recordingId.
             * @member {Uint8Array} recordingId
             * @memberof bwc.v1.Abort
             * @instance
             */
            Abort.prototype.recordingId = $util.newBuffer([]);

            /**
             * Abort sessionId.
             * @member {Uint8Array} sessionId
             * @memberof bwc.v1.Abort
             * @instance
             */
            Abort.prototype.sessionId = $util.newBuffer([]);

            /**
             * Encodes the specified Abort message. Does not implicitly {@link bwc.v1.Abort.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Abort
             * @static
             * @param {bwc.v1.Abort.$Properties} message Abort message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Abort.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && message.stream !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.stream);
                if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).int32(message.code);
                if (message["class"] != null && $Object.hasOwnProperty.call(message, "class") && message["class"] !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).int32(message["class"]);
                if (message.message != null && $Object.hasOwnProperty.call(message, "message") && message.message !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.message);
                if (message.recordingId != null && $Object.hasOwnProperty.call(message, "recordingId") && message.recordingId.length)
                    writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.recordingId);
                if (message.sessionId != null && $Object.hasOwnProperty.call(message, "sessionId") && message.sessionId.length)
                    writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.sessionId);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Abort message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Abort
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Abort & bwc.v1.Abort.$Shape} Abort
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Abort.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Abort();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.stream = value;
                            else
                                delete message.stream;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.code = value;
                            else
                                delete message.code;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message["class"] = value;
                            else
                                delete message["class"];
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.message = value;
                            else
                                delete message.message;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.recordingId = value;
                            else
                                delete message.recordingId;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sessionId = value;
                            else
                                delete message.sessionId;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Abort;
        })();

        v1.Bye = (function() {

            /**
             * Properties of a Bye.
             * @typedef {Object} bwc.v1.Bye.$Properties
             * @property {Uint8Array|null} [sessionId] Bye sessionId
             * @property {string|null} [message] Bye message
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Bye.
             * @memberof bwc.v1
             * @interface IBye
             * @augments bwc.v1.Bye.$Properties
             * @deprecated Use bwc.v1.Bye.$Properties instead.
             */

            /**
             * Shape of a Bye.
             * @typedef {bwc.v1.Bye.$Properties} bwc.v1.Bye.$Shape
             */

            /**
             * Constructs a new Bye.
             * @memberof bwc.v1
             * @classdesc Represents a Bye.
             * @constructor
             * @param {bwc.v1.Bye.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Bye = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Bye sessionId.
             * @member {Uint8Array} sessionId
             * @memberof bwc.v1.Bye
             * @instance
             */
            Bye.prototype.sessionId = $util.newBuffer([]);

            /**
             * Bye message.
             * @member {string} message
             * @memberof bwc.v1.Bye
             * @instance
             */
            Bye.prototype.message = "";

            /**
             * Encodes the specified Bye message. Does not implicitly {@link bwc.v1.Bye.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Bye
             * @static
             * @param {bwc.v1.Bye.$Properties} message Bye message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Bye.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sessionId != null && $Object.hasOwnProperty.call(message, "sessionId") && message.sessionId.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.sessionId);
                if (message.message != null && $Object.hasOwnProperty.call(message, "message") && message.message !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.message);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Bye message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Bye
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Bye & bwc.v1.Bye.$Shape} Bye
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Bye.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Bye();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sessionId = value;
                            else
                                delete message.sessionId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.message = value;
                            else
                                delete message.message;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Bye;
        })();

        v1.Moment = (function() {

            /**
             * Properties of a Moment.
             * @typedef {Object} bwc.v1.Moment.$Properties
             * @property {number|null} [wallUs] Moment wallUs
             * @property {number|null} [monoUs] Moment monoUs
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Moment.
             * @memberof bwc.v1
             * @interface IMoment
             * @augments bwc.v1.Moment.$Properties
             * @deprecated Use bwc.v1.Moment.$Properties instead.
             */

            /**
             * Shape of a Moment.
             * @typedef {bwc.v1.Moment.$Properties} bwc.v1.Moment.$Shape
             */

            /**
             * Constructs a new Moment.
             * @memberof bwc.v1
             * @classdesc Represents a Moment.
             * @constructor
             * @param {bwc.v1.Moment.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Moment = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Moment wallUs.
             * @member {number} wallUs
             * @memberof bwc.v1.Moment
             * @instance
             */
            Moment.prototype.wallUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Moment monoUs.
             * @member {number} monoUs
             * @memberof bwc.v1.Moment
             * @instance
             */
            Moment.prototype.monoUs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified Moment message. Does not implicitly {@link bwc.v1.Moment.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Moment
             * @static
             * @param {bwc.v1.Moment.$Properties} message Moment message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Moment.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.wallUs != null && $Object.hasOwnProperty.call(message, "wallUs") && (typeof message.wallUs === "object" ? message.wallUs.low || message.wallUs.high : message.wallUs !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.wallUs);
                if (message.monoUs != null && $Object.hasOwnProperty.call(message, "monoUs") && (typeof message.monoUs === "object" ? message.monoUs.low || message.monoUs.high : message.monoUs !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.monoUs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Moment message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Moment
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Moment & bwc.v1.Moment.$Shape} Moment
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Moment.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Moment();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.wallUs = value;
                            else
                                delete message.wallUs;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.monoUs = value;
                            else
                                delete message.monoUs;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Moment;
        })();

        /**
         * StopReason enum.
         * @name bwc.v1.StopReason
         * @enum {number}
         * @property {number} STOP_REASON_UNSPECIFIED=0 STOP_REASON_UNSPECIFIED value
         * @property {number} STOP_REASON_BUTTON=1 STOP_REASON_BUTTON value
         * @property {number} STOP_REASON_DOCKED=2 STOP_REASON_DOCKED value
         * @property {number} STOP_REASON_STORAGE_FULL=3 STOP_REASON_STORAGE_FULL value
         * @property {number} STOP_REASON_POWER_LOSS=4 STOP_REASON_POWER_LOSS value
         * @property {number} STOP_REASON_REPLAY=5 STOP_REASON_REPLAY value
         * @property {number} STOP_REASON_BATTERY=6 STOP_REASON_BATTERY value
         * @property {number} STOP_REASON_LIMIT=7 STOP_REASON_LIMIT value
         * @property {number} STOP_REASON_POWER_OFF=8 STOP_REASON_POWER_OFF value
         */
        v1.StopReason = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "STOP_REASON_UNSPECIFIED"] = 0;
            values[valuesById[1] = "STOP_REASON_BUTTON"] = 1;
            values[valuesById[2] = "STOP_REASON_DOCKED"] = 2;
            values[valuesById[3] = "STOP_REASON_STORAGE_FULL"] = 3;
            values[valuesById[4] = "STOP_REASON_POWER_LOSS"] = 4;
            values[valuesById[5] = "STOP_REASON_REPLAY"] = 5;
            values[valuesById[6] = "STOP_REASON_BATTERY"] = 6;
            values[valuesById[7] = "STOP_REASON_LIMIT"] = 7;
            values[valuesById[8] = "STOP_REASON_POWER_OFF"] = 8;
            return values;
        })();

        /**
         * RecordingCause enum.
         * @name bwc.v1.RecordingCause
         * @enum {number}
         * @property {number} RECORDING_CAUSE_UNSPECIFIED=0 RECORDING_CAUSE_UNSPECIFIED value
         * @property {number} RECORDING_CAUSE_BUTTON=1 RECORDING_CAUSE_BUTTON value
         * @property {number} RECORDING_CAUSE_HOLSTER=2 RECORDING_CAUSE_HOLSTER value
         * @property {number} RECORDING_CAUSE_LIGHT_BAR=3 RECORDING_CAUSE_LIGHT_BAR value
         * @property {number} RECORDING_CAUSE_TASER=4 RECORDING_CAUSE_TASER value
         * @property {number} RECORDING_CAUSE_FALL=5 RECORDING_CAUSE_FALL value
         * @property {number} RECORDING_CAUSE_PEER=6 RECORDING_CAUSE_PEER value
         * @property {number} RECORDING_CAUSE_LIMIT=7 RECORDING_CAUSE_LIMIT value
         * @property {number} RECORDING_CAUSE_COMMAND=8 RECORDING_CAUSE_COMMAND value
         */
        v1.RecordingCause = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "RECORDING_CAUSE_UNSPECIFIED"] = 0;
            values[valuesById[1] = "RECORDING_CAUSE_BUTTON"] = 1;
            values[valuesById[2] = "RECORDING_CAUSE_HOLSTER"] = 2;
            values[valuesById[3] = "RECORDING_CAUSE_LIGHT_BAR"] = 3;
            values[valuesById[4] = "RECORDING_CAUSE_TASER"] = 4;
            values[valuesById[5] = "RECORDING_CAUSE_FALL"] = 5;
            values[valuesById[6] = "RECORDING_CAUSE_PEER"] = 6;
            values[valuesById[7] = "RECORDING_CAUSE_LIMIT"] = 7;
            values[valuesById[8] = "RECORDING_CAUSE_COMMAND"] = 8;
            return values;
        })();

        v1.Mark = (function() {

            /**
             * Properties of a Mark.
             * @typedef {Object} bwc.v1.Mark.$Properties
             * @property {bwc.v1.Moment.$Properties|null} [at] Mark at
             * @property {string|null} [kind] Mark kind
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Mark.
             * @memberof bwc.v1
             * @interface IMark
             * @augments bwc.v1.Mark.$Properties
             * @deprecated Use bwc.v1.Mark.$Properties instead.
             */

            /**
             * Shape of a Mark.
             * @typedef {bwc.v1.Mark.$Properties} bwc.v1.Mark.$Shape
             */

            /**
             * Constructs a new Mark.
             * @memberof bwc.v1
             * @classdesc Represents a Mark.
             * @constructor
             * @param {bwc.v1.Mark.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Mark = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Mark at.
             * @member {bwc.v1.Moment.$Properties|null|undefined} at
             * @memberof bwc.v1.Mark
             * @instance
             */
            Mark.prototype.at = null;

            /**
             * Mark kind.
             * @member {string} kind
             * @memberof bwc.v1.Mark
             * @instance
             */
            Mark.prototype.kind = "";

            /**
             * Encodes the specified Mark message. Does not implicitly {@link bwc.v1.Mark.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Mark
             * @static
             * @param {bwc.v1.Mark.$Properties} message Mark message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Mark.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.at != null && $Object.hasOwnProperty.call(message, "at"))
                    $root.bwc.v1.Moment.encode(message.at, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.kind);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Mark message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Mark
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Mark & bwc.v1.Mark.$Shape} Mark
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Mark.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Mark();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.at = $root.bwc.v1.Moment.decode(reader, reader.size(), $undefined, _depth + 1, message.at);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Mark;
        })();

        v1.Mute = (function() {

            /**
             * Properties of a Mute.
             * @typedef {Object} bwc.v1.Mute.$Properties
             * @property {bwc.v1.Moment.$Properties|null} [from] Mute from
             * @property {bwc.v1.Moment.$Properties|null} [to] Mute to
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Mute.
             * @memberof bwc.v1
             * @interface IMute
             * @augments bwc.v1.Mute.$Properties
             * @deprecated Use bwc.v1.Mute.$Properties instead.
             */

            /**
             * Shape of a Mute.
             * @typedef {bwc.v1.Mute.$Properties} bwc.v1.Mute.$Shape
             */

            /**
             * Constructs a new Mute.
             * @memberof bwc.v1
             * @classdesc Represents a Mute.
             * @constructor
             * @param {bwc.v1.Mute.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Mute = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Mute from.
             * @member {bwc.v1.Moment.$Properties|null|undefined} from
             * @memberof bwc.v1.Mute
             * @instance
             */
            Mute.prototype.from = null;

            /**
             * Mute to.
             * @member {bwc.v1.Moment.$Properties|null|undefined} to
             * @memberof bwc.v1.Mute
             * @instance
             */
            Mute.prototype.to = null;

            /**
             * Encodes the specified Mute message. Does not implicitly {@link bwc.v1.Mute.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Mute
             * @static
             * @param {bwc.v1.Mute.$Properties} message Mute message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Mute.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.from != null && $Object.hasOwnProperty.call(message, "from"))
                    $root.bwc.v1.Moment.encode(message.from, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.to != null && $Object.hasOwnProperty.call(message, "to"))
                    $root.bwc.v1.Moment.encode(message.to, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Mute message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Mute
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Mute & bwc.v1.Mute.$Shape} Mute
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Mute.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Mute();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.from = $root.bwc.v1.Moment.decode(reader, reader.size(), $undefined, _depth + 1, message.from);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.to = $root.bwc.v1.Moment.decode(reader, reader.size(), $undefined, _depth + 1, message.to);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Mute;
        })();

        v1.BatteryUse = (function() {

            /**
             * Properties of a BatteryUse.
             * @typedef {Object} bwc.v1.BatteryUse.$Properties
             * @property {number|null} [startPercent] BatteryUse startPercent
             * @property {number|null} [endPercent] BatteryUse endPercent
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a BatteryUse.
             * @memberof bwc.v1
             * @interface IBatteryUse
             * @augments bwc.v1.BatteryUse.$Properties
             * @deprecated Use bwc.v1.BatteryUse.$Properties instead.
             */

            /**
             * Shape of a BatteryUse.
             * @typedef {bwc.v1.BatteryUse.$Properties} bwc.v1.BatteryUse.$Shape
             */

            /**
             * Constructs a new BatteryUse.
             * @memberof bwc.v1
             * @classdesc Represents a BatteryUse.
             * @constructor
             * @param {bwc.v1.BatteryUse.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const BatteryUse = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * BatteryUse startPercent.
             * @member {number} startPercent
             * @memberof bwc.v1.BatteryUse
             * @instance
             */
            BatteryUse.prototype.startPercent = 0;

            /**
             * BatteryUse endPercent.
             * @member {number} endPercent
             * @memberof bwc.v1.BatteryUse
             * @instance
             */
            BatteryUse.prototype.endPercent = 0;

            /**
             * Encodes the specified BatteryUse message. Does not implicitly {@link bwc.v1.BatteryUse.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.BatteryUse
             * @static
             * @param {bwc.v1.BatteryUse.$Properties} message BatteryUse message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            BatteryUse.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.startPercent != null && $Object.hasOwnProperty.call(message, "startPercent") && message.startPercent !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.startPercent);
                if (message.endPercent != null && $Object.hasOwnProperty.call(message, "endPercent") && message.endPercent !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.endPercent);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a BatteryUse message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.BatteryUse
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.BatteryUse & bwc.v1.BatteryUse.$Shape} BatteryUse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            BatteryUse.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.BatteryUse();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.startPercent = value;
                            else
                                delete message.startPercent;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.endPercent = value;
                            else
                                delete message.endPercent;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return BatteryUse;
        })();

        v1.TrackPoint = (function() {

            /**
             * Properties of a TrackPoint.
             * @typedef {Object} bwc.v1.TrackPoint.$Properties
             * @property {bwc.v1.Moment.$Properties|null} [at] TrackPoint at
             * @property {number|null} [latitudeE7] TrackPoint latitudeE7
             * @property {number|null} [longitudeE7] TrackPoint longitudeE7
             * @property {number|null} [accuracyDm] TrackPoint accuracyDm
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a TrackPoint.
             * @memberof bwc.v1
             * @interface ITrackPoint
             * @augments bwc.v1.TrackPoint.$Properties
             * @deprecated Use bwc.v1.TrackPoint.$Properties instead.
             */

            /**
             * Shape of a TrackPoint.
             * @typedef {bwc.v1.TrackPoint.$Properties} bwc.v1.TrackPoint.$Shape
             */

            /**
             * Constructs a new TrackPoint.
             * @memberof bwc.v1
             * @classdesc Represents a TrackPoint.
             * @constructor
             * @param {bwc.v1.TrackPoint.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const TrackPoint = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * TrackPoint at.
             * @member {bwc.v1.Moment.$Properties|null|undefined} at
             * @memberof bwc.v1.TrackPoint
             * @instance
             */
            TrackPoint.prototype.at = null;

            /**
             * TrackPoint latitudeE7.
             * @member {number} latitudeE7
             * @memberof bwc.v1.TrackPoint
             * @instance
             */
            TrackPoint.prototype.latitudeE7 = 0;

            /**
             * TrackPoint longitudeE7.
             * @member {number} longitudeE7
             * @memberof bwc.v1.TrackPoint
             * @instance
             */
            TrackPoint.prototype.longitudeE7 = 0;

            /**
             * TrackPoint accuracyDm.
             * @member {number} accuracyDm
             * @memberof bwc.v1.TrackPoint
             * @instance
             */
            TrackPoint.prototype.accuracyDm = 0;

            /**
             * Encodes the specified TrackPoint message. Does not implicitly {@link bwc.v1.TrackPoint.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.TrackPoint
             * @static
             * @param {bwc.v1.TrackPoint.$Properties} message TrackPoint message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            TrackPoint.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.at != null && $Object.hasOwnProperty.call(message, "at"))
                    $root.bwc.v1.Moment.encode(message.at, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.latitudeE7 != null && $Object.hasOwnProperty.call(message, "latitudeE7") && message.latitudeE7 !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).sint32(message.latitudeE7);
                if (message.longitudeE7 != null && $Object.hasOwnProperty.call(message, "longitudeE7") && message.longitudeE7 !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).sint32(message.longitudeE7);
                if (message.accuracyDm != null && $Object.hasOwnProperty.call(message, "accuracyDm") && message.accuracyDm !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.accuracyDm);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a TrackPoint message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.TrackPoint
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.TrackPoint & bwc.v1.TrackPoint.$Shape} TrackPoint
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            TrackPoint.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.TrackPoint();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.at = $root.bwc.v1.Moment.decode(reader, reader.size(), $undefined, _depth + 1, message.at);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.sint32())
                                message.latitudeE7 = value;
                            else
                                delete message.latitudeE7;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.sint32())
                                message.longitudeE7 = value;
                            else
                                delete message.longitudeE7;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.accuracyDm = value;
                            else
                                delete message.accuracyDm;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return TrackPoint;
        })();

        v1.ChunkInfo = (function() {

            /**
             * Properties of a ChunkInfo.
             * @typedef {Object} bwc.v1.ChunkInfo.$Properties
             * @property {Uint8Array|null} [sha256] ChunkInfo sha256
             * @property {number|null} [storedBytes] ChunkInfo storedBytes
             * @property {number|null} [plainBytes] ChunkInfo plainBytes
             * @property {number|null} [mediaStartMs] ChunkInfo mediaStartMs
             * @property {number|null} [mediaMs] ChunkInfo mediaMs
             * @property {boolean|null} [endOfFragment] ChunkInfo endOfFragment
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ChunkInfo.
             * @memberof bwc.v1
             * @interface IChunkInfo
             * @augments bwc.v1.ChunkInfo.$Properties
             * @deprecated Use bwc.v1.ChunkInfo.$Properties instead.
             */

            /**
             * Shape of a ChunkInfo.
             * @typedef {bwc.v1.ChunkInfo.$Properties} bwc.v1.ChunkInfo.$Shape
             */

            /**
             * Constructs a new ChunkInfo.
             * @memberof bwc.v1
             * @classdesc Represents a ChunkInfo.
             * @constructor
             * @param {bwc.v1.ChunkInfo.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ChunkInfo = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ChunkInfo sha256.
             * @member {Uint8Array} sha256
             * @memberof bwc.v1.ChunkInfo
             * @instance
             */
            ChunkInfo.prototype.sha256 = $util.newBuffer([]);

            /**
             * ChunkInfo storedBytes.
             * @member {number} storedBytes
             * @memberof bwc.v1.ChunkInfo
             * @instance
             */
            ChunkInfo.prototype.storedBytes = 0;

            /**
             * ChunkInfo plainBytes.
             * @member {number} plainBytes
             * @memberof bwc.v1.ChunkInfo
             * @instance
             */
            ChunkInfo.prototype.plainBytes = 0;

            /**
             * ChunkInfo mediaStartMs.
             * @member {number} mediaStartMs
             * @memberof bwc.v1.ChunkInfo
             * @instance
             */
            ChunkInfo.prototype.mediaStartMs = 0;

            /**
             * ChunkInfo mediaMs.
             * @member {number} mediaMs
             * @memberof bwc.v1.ChunkInfo
             * @instance
             */
            ChunkInfo.prototype.mediaMs = 0;

            /**
             * ChunkInfo endOfFragment.
             * @member {boolean} endOfFragment
             * @memberof bwc.v1.ChunkInfo
             * @instance
             */
            ChunkInfo.prototype.endOfFragment = false;

            /**
             * Encodes the specified ChunkInfo message. Does not implicitly {@link bwc.v1.ChunkInfo.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.ChunkInfo
             * @static
             * @param {bwc.v1.ChunkInfo.$Properties} message ChunkInfo message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ChunkInfo.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256") && message.sha256.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.sha256);
                if (message.storedBytes != null && $Object.hasOwnProperty.call(message, "storedBytes") && message.storedBytes !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.storedBytes);
                if (message.plainBytes != null && $Object.hasOwnProperty.call(message, "plainBytes") && message.plainBytes !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.plainBytes);
                if (message.mediaStartMs != null && $Object.hasOwnProperty.call(message, "mediaStartMs") && message.mediaStartMs !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.mediaStartMs);
                if (message.mediaMs != null && $Object.hasOwnProperty.call(message, "mediaMs") && message.mediaMs !== 0)
                    writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.mediaMs);
                if (message.endOfFragment != null && $Object.hasOwnProperty.call(message, "endOfFragment") && message.endOfFragment !== false)
                    writer.uint32(/* id 6, wireType 0 =*/48).bool(message.endOfFragment);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ChunkInfo message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.ChunkInfo
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.ChunkInfo & bwc.v1.ChunkInfo.$Shape} ChunkInfo
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ChunkInfo.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.ChunkInfo();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sha256 = value;
                            else
                                delete message.sha256;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.storedBytes = value;
                            else
                                delete message.storedBytes;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.plainBytes = value;
                            else
                                delete message.plainBytes;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.mediaStartMs = value;
                            else
                                delete message.mediaStartMs;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.mediaMs = value;
                            else
                                delete message.mediaMs;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.endOfFragment = value;
                            else
                                delete message.endOfFragment;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ChunkInfo;
        })();

        v1.Manifest = (function() {

            /**
             * Properties of a Manifest.
             * @typedef {Object} bwc.v1.Manifest.$Properties
             * @property {number|null} [format] Manifest format
             * @property {Uint8Array|null} [recordingId] Manifest recordingId
             * @property {string|null} [cameraId] Manifest cameraId
             * @property {number|null} [counter] Manifest counter
             * @property {Uint8Array|null} [previousRoot] Manifest previousRoot
             * @property {Uint8Array|null} [bootId] Manifest bootId
             * @property {string|null} [officerId] Manifest officerId
             * @property {string|null} [incidentTag] Manifest incidentTag
             * @property {string|null} [mediaType] Manifest mediaType
             * @property {number|null} [suite] Manifest suite
             * @property {number|null} [chunkBytesMax] Manifest chunkBytesMax
             * @property {bwc.v1.Moment.$Properties|null} [triggered] Manifest triggered
             * @property {bwc.v1.Moment.$Properties|null} [started] Manifest started
             * @property {bwc.v1.Moment.$Properties|null} [ended] Manifest ended
             * @property {bwc.v1.StopReason|null} [stopReason] Manifest stopReason
             * @property {Array.<bwc.v1.Mark.$Properties>|null} [marks] Manifest marks
             * @property {Array.<bwc.v1.ChunkInfo.$Properties>|null} [chunks] Manifest chunks
             * @property {Uint8Array|null} [root] Manifest root
             * @property {number|null} [contentBytes] Manifest contentBytes
             * @property {Uint8Array|null} [wrapsSha256] Manifest wrapsSha256
             * @property {number|null} [lostChunks] Manifest lostChunks
             * @property {string|null} [ticket] Manifest ticket
             * @property {bwc.v1.RecordingCause|null} [cause] Manifest cause
             * @property {boolean|null} [critical] Manifest critical
             * @property {Array.<bwc.v1.Mute.$Properties>|null} [mutes] Manifest mutes
             * @property {Array.<string>|null} [categories] Manifest categories
             * @property {bwc.v1.BatteryUse.$Properties|null} [battery] Manifest battery
             * @property {Array.<bwc.v1.TrackPoint.$Properties>|null} [track] Manifest track
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Manifest.
             * @memberof bwc.v1
             * @interface IManifest
             * @augments bwc.v1.Manifest.$Properties
             * @deprecated Use bwc.v1.Manifest.$Properties instead.
             */

            /**
             * Shape of a Manifest.
             * @typedef {bwc.v1.Manifest.$Properties} bwc.v1.Manifest.$Shape
             */

            /**
             * Constructs a new Manifest.
             * @memberof bwc.v1
             * @classdesc Represents a Manifest.
             * @constructor
             * @param {bwc.v1.Manifest.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Manifest = function (properties) {
                this.marks = [];
                this.chunks = [];
                this.mutes = [];
                this.categories = [];
                this.track = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Manifest format.
             * @member {number} format
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.format = 0;

            /**
             * Manifest recordingId.
             * @member {Uint8Array} recordingId
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.recordingId = $util.newBuffer([]);

            /**
             * Manifest cameraId.
             * @member {string} cameraId
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.cameraId = "";

            /**
             * Manifest counter.
             * @member {number} counter
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.counter = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Manifest previousRoot.
             * @member {Uint8Array} previousRoot
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.previousRoot = $util.newBuffer([]);

            /**
             * Manifest bootId.
             * @member {Uint8Array} bootId
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.bootId = $util.newBuffer([]);

            /**
             * Manifest officerId.
             * @member {string} officerId
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.officerId = "";

            /**
             * Manifest incidentTag.
             * @member {string} incidentTag
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.incidentTag = "";

            /**
             * Manifest mediaType.
             * @member {string} mediaType
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.mediaType = "";

            /**
             * Manifest suite.
             * @member {number} suite
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.suite = 0;

            /**
             * Manifest chunkBytesMax.
             * @member {number} chunkBytesMax
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.chunkBytesMax = 0;

            /**
             * Manifest triggered.
             * @member {bwc.v1.Moment.$Properties|null|undefined} triggered
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.triggered = null;

            /**
             * Manifest started.
             * @member {bwc.v1.Moment.$Properties|null|undefined} started
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.started = null;

            /**
             * Manifest ended.
             * @member {bwc.v1.Moment.$Properties|null|undefined} ended
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.ended = null;

            /**
             * Manifest stopReason.
             * @member {bwc.v1.StopReason} stopReason
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.stopReason = 0;

            /**
             * Manifest marks.
             * @member {Array.<bwc.v1.Mark.$Properties>} marks
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.marks = $util.emptyArray;

            /**
             * Manifest chunks.
             * @member {Array.<bwc.v1.ChunkInfo.$Properties>} chunks
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.chunks = $util.emptyArray;

            /**
             * Manifest root.
             * @member {Uint8Array} root
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.root = $util.newBuffer([]);

            /**
             * Manifest contentBytes.
             * @member {number} contentBytes
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.contentBytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Manifest wrapsSha256.
             * @member {Uint8Array} wrapsSha256
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.wrapsSha256 = $util.newBuffer([]);

            /**
             * Manifest lostChunks.
             * @member {number} lostChunks
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.lostChunks = 0;

            /**
             * Manifest ticket.
             * @member {string} ticket
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.ticket = "";

            /**
             * Manifest cause.
             * @member {bwc.v1.RecordingCause} cause
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.cause = 0;

            /**
             * Manifest critical.
             * @member {boolean} critical
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.critical = false;

            /**
             * Manifest mutes.
             * @member {Array.<bwc.v1.Mute.$Properties>} mutes
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.mutes = $util.emptyArray;

            /**
             * Manifest categories.
             * @member {Array.<string>} categories
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.categories = $util.emptyArray;

            /**
             * Manifest battery.
             * @member {bwc.v1.BatteryUse.$Properties|null|undefined} battery
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.battery = null;

            /**
             * Manifest track.
             * @member {Array.<bwc.v1.TrackPoint.$Properties>} track
             * @memberof bwc.v1.Manifest
             * @instance
             */
            Manifest.prototype.track = $util.emptyArray;

            /**
             * Encodes the specified Manifest message. Does not implicitly {@link bwc.v1.Manifest.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Manifest
             * @static
             * @param {bwc.v1.Manifest.$Properties} message Manifest message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Manifest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.format != null && $Object.hasOwnProperty.call(message, "format") && message.format !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.format);
                if (message.recordingId != null && $Object.hasOwnProperty.call(message, "recordingId") && message.recordingId.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.recordingId);
                if (message.cameraId != null && $Object.hasOwnProperty.call(message, "cameraId") && message.cameraId !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.cameraId);
                if (message.counter != null && $Object.hasOwnProperty.call(message, "counter") && (typeof message.counter === "object" ? message.counter.low || message.counter.high : message.counter !== 0))
                    writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.counter);
                if (message.previousRoot != null && $Object.hasOwnProperty.call(message, "previousRoot") && message.previousRoot.length)
                    writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.previousRoot);
                if (message.bootId != null && $Object.hasOwnProperty.call(message, "bootId") && message.bootId.length)
                    writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.bootId);
                if (message.officerId != null && $Object.hasOwnProperty.call(message, "officerId") && message.officerId !== "")
                    writer.uint32(/* id 7, wireType 2 =*/58).string(message.officerId);
                if (message.incidentTag != null && $Object.hasOwnProperty.call(message, "incidentTag") && message.incidentTag !== "")
                    writer.uint32(/* id 8, wireType 2 =*/66).string(message.incidentTag);
                if (message.mediaType != null && $Object.hasOwnProperty.call(message, "mediaType") && message.mediaType !== "")
                    writer.uint32(/* id 9, wireType 2 =*/74).string(message.mediaType);
                if (message.suite != null && $Object.hasOwnProperty.call(message, "suite") && message.suite !== 0)
                    writer.uint32(/* id 10, wireType 0 =*/80).uint32(message.suite);
                if (message.chunkBytesMax != null && $Object.hasOwnProperty.call(message, "chunkBytesMax") && message.chunkBytesMax !== 0)
                    writer.uint32(/* id 11, wireType 0 =*/88).uint32(message.chunkBytesMax);
                if (message.triggered != null && $Object.hasOwnProperty.call(message, "triggered"))
                    $root.bwc.v1.Moment.encode(message.triggered, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
                if (message.started != null && $Object.hasOwnProperty.call(message, "started"))
                    $root.bwc.v1.Moment.encode(message.started, writer.uint32(/* id 13, wireType 2 =*/106).fork(), _depth + 1).ldelim();
                if (message.ended != null && $Object.hasOwnProperty.call(message, "ended"))
                    $root.bwc.v1.Moment.encode(message.ended, writer.uint32(/* id 14, wireType 2 =*/114).fork(), _depth + 1).ldelim();
                if (message.stopReason != null && $Object.hasOwnProperty.call(message, "stopReason") && message.stopReason !== 0)
                    writer.uint32(/* id 15, wireType 0 =*/120).int32(message.stopReason);
                if (message.marks != null && message.marks.length)
                    for (let i = 0; i < message.marks.length; ++i)
                        $root.bwc.v1.Mark.encode(message.marks[i], writer.uint32(/* id 16, wireType 2 =*/130).fork(), _depth + 1).ldelim();
                if (message.chunks != null && message.chunks.length)
                    for (let i = 0; i < message.chunks.length; ++i)
                        $root.bwc.v1.ChunkInfo.encode(message.chunks[i], writer.uint32(/* id 17, wireType 2 =*/138).fork(), _depth + 1).ldelim();
                if (message.root != null && $Object.hasOwnProperty.call(message, "root") && message.root.length)
                    writer.uint32(/* id 18, wireType 2 =*/146).bytes(message.root);
                if (message.contentBytes != null && $Object.hasOwnProperty.call(message, "contentBytes") && (typeof message.contentBytes === "object" ? message.contentBytes.low || message.contentBytes.high : message.contentBytes !== 0))
                    writer.uint32(/* id 19, wireType 0 =*/152).uint64(message.contentBytes);
                if (message.wrapsSha256 != null && $Object.hasOwnProperty.call(message, "wrapsSha256") && message.wrapsSha256.length)
                    writer.uint32(/* id 20, wireType 2 =*/162).bytes(message.wrapsSha256);
                if (message.lostChunks != null && $Object.hasOwnProperty.call(message, "lostChunks") && message.lostChunks !== 0)
                    writer.uint32(/* id 21, wireType 0 =*/168).uint32(message.lostChunks);
                if (message.ticket != null && $Object.hasOwnProperty.call(message, "ticket") && message.ticket !== "")
                    writer.uint32(/* id 22, wireType 2 =*/178).string(message.ticket);
                if (message.cause != null && $Object.hasOwnProperty.call(message, "cause") && message.cause !== 0)
                    writer.uint32(/* id 23, wireType 0 =*/184).int32(message.cause);
                if (message.critical != null && $Object.hasOwnProperty.call(message, "critical") && message.critical !== false)
                    writer.uint32(/* id 24, wireType 0 =*/192).bool(message.critical);
                if (message.mutes != null && message.mutes.length)
                    for (let i = 0; i < message.mutes.length; ++i)
                        $root.bwc.v1.Mute.encode(message.mutes[i], writer.uint32(/* id 25, wireType 2 =*/202).fork(), _depth + 1).ldelim();
                if (message.categories != null && message.categories.length)
                    for (let i = 0; i < message.categories.length; ++i)
                        writer.uint32(/* id 26, wireType 2 =*/210).string(message.categories[i]);
                if (message.battery != null && $Object.hasOwnProperty.call(message, "battery"))
                    $root.bwc.v1.BatteryUse.encode(message.battery, writer.uint32(/* id 27, wireType 2 =*/218).fork(), _depth + 1).ldelim();
                if (message.track != null && message.track.length)
                    for (let i = 0; i < message.track.length; ++i)
                        $root.bwc.v1.TrackPoint.encode(message.track[i], writer.uint32(/* id 28, wireType 2 =*/226).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Manifest message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Manifest
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Manifest & bwc.v1.Manifest.$Shape} Manifest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Manifest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Manifest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.format = value;
                            else
                                delete message.format;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.recordingId = value;
                            else
                                delete message.recordingId;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.cameraId = value;
                            else
                                delete message.cameraId;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.counter = value;
                            else
                                delete message.counter;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.previousRoot = value;
                            else
                                delete message.previousRoot;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.bootId = value;
                            else
                                delete message.bootId;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.officerId = value;
                            else
                                delete message.officerId;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.incidentTag = value;
                            else
                                delete message.incidentTag;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.mediaType = value;
                            else
                                delete message.mediaType;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.suite = value;
                            else
                                delete message.suite;
                            continue;
                        }
                    case 11: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.chunkBytesMax = value;
                            else
                                delete message.chunkBytesMax;
                            continue;
                        }
                    case 12: {
                            if (wireType !== 2)
                                break;
                            message.triggered = $root.bwc.v1.Moment.decode(reader, reader.size(), $undefined, _depth + 1, message.triggered);
                            continue;
                        }
                    case 13: {
                            if (wireType !== 2)
                                break;
                            message.started = $root.bwc.v1.Moment.decode(reader, reader.size(), $undefined, _depth + 1, message.started);
                            continue;
                        }
                    case 14: {
                            if (wireType !== 2)
                                break;
                            message.ended = $root.bwc.v1.Moment.decode(reader, reader.size(), $undefined, _depth + 1, message.ended);
                            continue;
                        }
                    case 15: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.stopReason = value;
                            else
                                delete message.stopReason;
                            continue;
                        }
                    case 16: {
                            if (wireType !== 2)
                                break;
                            if (!(message.marks && message.marks.length))
                                message.marks = [];
                            message.marks.push($root.bwc.v1.Mark.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 17: {
                            if (wireType !== 2)
                                break;
                            if (!(message.chunks && message.chunks.length))
                                message.chunks = [];
                            message.chunks.push($root.bwc.v1.ChunkInfo.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 18: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.root = value;
                            else
                                delete message.root;
                            continue;
                        }
                    case 19: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.contentBytes = value;
                            else
                                delete message.contentBytes;
                            continue;
                        }
                    case 20: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.wrapsSha256 = value;
                            else
                                delete message.wrapsSha256;
                            continue;
                        }
                    case 21: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.lostChunks = value;
                            else
                                delete message.lostChunks;
                            continue;
                        }
                    case 22: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.ticket = value;
                            else
                                delete message.ticket;
                            continue;
                        }
                    case 23: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.cause = value;
                            else
                                delete message.cause;
                            continue;
                        }
                    case 24: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.critical = value;
                            else
                                delete message.critical;
                            continue;
                        }
                    case 25: {
                            if (wireType !== 2)
                                break;
                            if (!(message.mutes && message.mutes.length))
                                message.mutes = [];
                            message.mutes.push($root.bwc.v1.Mute.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 26: {
                            if (wireType !== 2)
                                break;
                            if (!(message.categories && message.categories.length))
                                message.categories = [];
                            message.categories.push(reader.stringVerify());
                            continue;
                        }
                    case 27: {
                            if (wireType !== 2)
                                break;
                            message.battery = $root.bwc.v1.BatteryUse.decode(reader, reader.size(), $undefined, _depth + 1, message.battery);
                            continue;
                        }
                    case 28: {
                            if (wireType !== 2)
                                break;
                            if (!(message.track && message.track.length))
                                message.track = [];
                            message.track.push($root.bwc.v1.TrackPoint.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Manifest;
        })();

        v1.Wrap = (function() {

            /**
             * Properties of a Wrap.
             * @typedef {Object} bwc.v1.Wrap.$Properties
             * @property {Uint8Array|null} [recipient] Wrap recipient
             * @property {Uint8Array|null} [enc] Wrap enc
             * @property {Uint8Array|null} [ciphertext] Wrap ciphertext
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Wrap.
             * @memberof bwc.v1
             * @interface IWrap
             * @augments bwc.v1.Wrap.$Properties
             * @deprecated Use bwc.v1.Wrap.$Properties instead.
             */

            /**
             * Shape of a Wrap.
             * @typedef {bwc.v1.Wrap.$Properties} bwc.v1.Wrap.$Shape
             */

            /**
             * Constructs a new Wrap.
             * @memberof bwc.v1
             * @classdesc Represents a Wrap.
             * @constructor
             * @param {bwc.v1.Wrap.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Wrap = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Wrap recipient.
             * @member {Uint8Array} recipient
             * @memberof bwc.v1.Wrap
             * @instance
             */
            Wrap.prototype.recipient = $util.newBuffer([]);

            /**
             * Wrap enc.
             * @member {Uint8Array} enc
             * @memberof bwc.v1.Wrap
             * @instance
             */
            Wrap.prototype.enc = $util.newBuffer([]);

            /**
             * Wrap ciphertext.
             * @member {Uint8Array} ciphertext
             * @memberof bwc.v1.Wrap
             * @instance
             */
            Wrap.prototype.ciphertext = $util.newBuffer([]);

            /**
             * Encodes the specified Wrap message. Does not implicitly {@link bwc.v1.Wrap.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Wrap
             * @static
             * @param {bwc.v1.Wrap.$Properties} message Wrap message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Wrap.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.recipient != null && $Object.hasOwnProperty.call(message, "recipient") && message.recipient.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.recipient);
                if (message.enc != null && $Object.hasOwnProperty.call(message, "enc") && message.enc.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.enc);
                if (message.ciphertext != null && $Object.hasOwnProperty.call(message, "ciphertext") && message.ciphertext.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.ciphertext);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Wrap message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Wrap
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Wrap & bwc.v1.Wrap.$Shape} Wrap
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Wrap.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Wrap();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.recipient = value;
                            else
                                delete message.recipient;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.enc = value;
                            else
                                delete message.enc;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.ciphertext = value;
                            else
                                delete message.ciphertext;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Wrap;
        })();

        v1.Wraps = (function() {

            /**
             * Properties of a Wraps.
             * @typedef {Object} bwc.v1.Wraps.$Properties
             * @property {Array.<bwc.v1.Wrap.$Properties>|null} [wraps] Wraps wraps
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Wraps.
             * @memberof bwc.v1
             * @interface IWraps
             * @augments bwc.v1.Wraps.$Properties
             * @deprecated Use bwc.v1.Wraps.$Properties instead.
             */

            /**
             * Shape of a Wraps.
             * @typedef {bwc.v1.Wraps.$Properties} bwc.v1.Wraps.$Shape
             */

            /**
             * Constructs a new Wraps.
             * @memberof bwc.v1
             * @classdesc Represents a Wraps.
             * @constructor
             * @param {bwc.v1.Wraps.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Wraps = function (properties) {
                this.wraps = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Wraps wraps.
             * @member {Array.<bwc.v1.Wrap.$Properties>} wraps
             * @memberof bwc.v1.Wraps
             * @instance
             */
            Wraps.prototype.wraps = $util.emptyArray;

            /**
             * Encodes the specified Wraps message. Does not implicitly {@link bwc.v1.Wraps.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Wraps
             * @static
             * @param {bwc.v1.Wraps.$Properties} message Wraps message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Wraps.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.wraps != null && message.wraps.length)
                    for (let i = 0; i < message.wraps.length; ++i)
                        $root.bwc.v1.Wrap.encode(message.wraps[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Wraps message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Wraps
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Wraps & bwc.v1.Wraps.$Shape} Wraps
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Wraps.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Wraps();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.wraps && message.wraps.length))
                                message.wraps = [];
                            message.wraps.push($root.bwc.v1.Wrap.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Wraps;
        })();

        v1.Head = (function() {

            /**
             * Properties of a Head.
             * @typedef {Object} bwc.v1.Head.$Properties
             * @property {Uint8Array|null} [recordingId] Head recordingId
             * @property {number|null} [chunks] Head chunks
             * @property {Uint8Array|null} [root] Head root
             * @property {bwc.v1.Moment.$Properties|null} [at] Head at
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Head.
             * @memberof bwc.v1
             * @interface IHead
             * @augments bwc.v1.Head.$Properties
             * @deprecated Use bwc.v1.Head.$Properties instead.
             */

            /**
             * Shape of a Head.
             * @typedef {bwc.v1.Head.$Properties} bwc.v1.Head.$Shape
             */

            /**
             * Constructs a new Head.
             * @memberof bwc.v1
             * @classdesc Represents a Head.
             * @constructor
             * @param {bwc.v1.Head.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Head = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Head recordingId.
             * @member {Uint8Array} recordingId
             * @memberof bwc.v1.Head
             * @instance
             */
            Head.prototype.recordingId = $util.newBuffer([]);

            /**
             * Head chunks.
             * @member {number} chunks
             * @memberof bwc.v1.Head
             * @instance
             */
            Head.prototype.chunks = 0;

            /**
             * Head root.
             * @member {Uint8Array} root
             * @memberof bwc.v1.Head
             * @instance
             */
            Head.prototype.root = $util.newBuffer([]);

            /**
             * Head at.
             * @member {bwc.v1.Moment.$Properties|null|undefined} at
             * @memberof bwc.v1.Head
             * @instance
             */
            Head.prototype.at = null;

            /**
             * Encodes the specified Head message. Does not implicitly {@link bwc.v1.Head.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.Head
             * @static
             * @param {bwc.v1.Head.$Properties} message Head message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Head.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.recordingId != null && $Object.hasOwnProperty.call(message, "recordingId") && message.recordingId.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.recordingId);
                if (message.chunks != null && $Object.hasOwnProperty.call(message, "chunks") && message.chunks !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.chunks);
                if (message.root != null && $Object.hasOwnProperty.call(message, "root") && message.root.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.root);
                if (message.at != null && $Object.hasOwnProperty.call(message, "at"))
                    $root.bwc.v1.Moment.encode(message.at, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Head message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.Head
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.Head & bwc.v1.Head.$Shape} Head
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Head.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.Head();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.recordingId = value;
                            else
                                delete message.recordingId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.chunks = value;
                            else
                                delete message.chunks;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.root = value;
                            else
                                delete message.root;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.at = $root.bwc.v1.Moment.decode(reader, reader.size(), $undefined, _depth + 1, message.at);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Head;
        })();

        v1.SignedHead = (function() {

            /**
             * Properties of a SignedHead.
             * @typedef {Object} bwc.v1.SignedHead.$Properties
             * @property {Uint8Array|null} [head] SignedHead head
             * @property {Uint8Array|null} [signature] SignedHead signature
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SignedHead.
             * @memberof bwc.v1
             * @interface ISignedHead
             * @augments bwc.v1.SignedHead.$Properties
             * @deprecated Use bwc.v1.SignedHead.$Properties instead.
             */

            /**
             * Shape of a SignedHead.
             * @typedef {bwc.v1.SignedHead.$Properties} bwc.v1.SignedHead.$Shape
             */

            /**
             * Constructs a new SignedHead.
             * @memberof bwc.v1
             * @classdesc Represents a SignedHead.
             * @constructor
             * @param {bwc.v1.SignedHead.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SignedHead = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SignedHead head.
             * @member {Uint8Array} head
             * @memberof bwc.v1.SignedHead
             * @instance
             */
            SignedHead.prototype.head = $util.newBuffer([]);

            /**
             * SignedHead signature.
             * @member {Uint8Array} signature
             * @memberof bwc.v1.SignedHead
             * @instance
             */
            SignedHead.prototype.signature = $util.newBuffer([]);

            /**
             * Encodes the specified SignedHead message. Does not implicitly {@link bwc.v1.SignedHead.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.SignedHead
             * @static
             * @param {bwc.v1.SignedHead.$Properties} message SignedHead message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SignedHead.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.head != null && $Object.hasOwnProperty.call(message, "head") && message.head.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.head);
                if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.signature);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SignedHead message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.SignedHead
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.SignedHead & bwc.v1.SignedHead.$Shape} SignedHead
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SignedHead.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.SignedHead();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.head = value;
                            else
                                delete message.head;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.signature = value;
                            else
                                delete message.signature;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return SignedHead;
        })();

        v1.SignedManifest = (function() {

            /**
             * Properties of a SignedManifest.
             * @typedef {Object} bwc.v1.SignedManifest.$Properties
             * @property {Uint8Array|null} [manifest] SignedManifest manifest
             * @property {Uint8Array|null} [signature] SignedManifest signature
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SignedManifest.
             * @memberof bwc.v1
             * @interface ISignedManifest
             * @augments bwc.v1.SignedManifest.$Properties
             * @deprecated Use bwc.v1.SignedManifest.$Properties instead.
             */

            /**
             * Shape of a SignedManifest.
             * @typedef {bwc.v1.SignedManifest.$Properties} bwc.v1.SignedManifest.$Shape
             */

            /**
             * Constructs a new SignedManifest.
             * @memberof bwc.v1
             * @classdesc Represents a SignedManifest.
             * @constructor
             * @param {bwc.v1.SignedManifest.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SignedManifest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SignedManifest manifest.
             * @member {Uint8Array} manifest
             * @memberof bwc.v1.SignedManifest
             * @instance
             */
            SignedManifest.prototype.manifest = $util.newBuffer([]);

            /**
             * SignedManifest signature.
             * @member {Uint8Array} signature
             * @memberof bwc.v1.SignedManifest
             * @instance
             */
            SignedManifest.prototype.signature = $util.newBuffer([]);

            /**
             * Encodes the specified SignedManifest message. Does not implicitly {@link bwc.v1.SignedManifest.verify|verify} messages.
             * @function encode
             * @memberof bwc.v1.SignedManifest
             * @static
             * @param {bwc.v1.SignedManifest.$Properties} message SignedManifest message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SignedManifest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.manifest != null && $Object.hasOwnProperty.call(message, "manifest") && message.manifest.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.manifest);
                if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.signature);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SignedManifest message from the specified reader or buffer.
             * @function decode
             * @memberof bwc.v1.SignedManifest
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {bwc.v1.SignedManifest & bwc.v1.SignedManifest.$Shape} SignedManifest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SignedManifest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.bwc.v1.SignedManifest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.manifest = value;
                            else
                                delete message.manifest;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.signature = value;
                            else
                                delete message.signature;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return SignedManifest;
        })();

        return v1;
    })();

    return bwc;
})();

export {
  $root as default
};
