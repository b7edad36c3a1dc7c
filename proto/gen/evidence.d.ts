import * as $protobuf from "protobufjs";
import Long = require("long");

/** Namespace bwc. */
export namespace bwc {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a Limits.
         * @deprecated Use bwc.v1.Limits.$Properties instead.
         */
        interface ILimits extends bwc.v1.Limits.$Properties {
        }

        /** Represents a Limits. */
        class Limits {

            /**
             * Constructs a new Limits.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Limits.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Limits pduBytesMax. */
            pduBytesMax: number;

            /** Limits fragmentBytesMax. */
            fragmentBytesMax: number;

            /** Limits streamsMax. */
            streamsMax: number;

            /**
             * Encodes the specified Limits message. Does not implicitly {@link bwc.v1.Limits.verify|verify} messages.
             * @param message Limits message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Limits.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Limits message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Limits & bwc.v1.Limits.$Shape} Limits
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Limits & bwc.v1.Limits.$Shape;
        }

        namespace Limits {

            /** Properties of a Limits. */
            interface $Properties {

                /** Limits pduBytesMax */
                pduBytesMax?: (number|null);

                /** Limits fragmentBytesMax */
                fragmentBytesMax?: (number|null);

                /** Limits streamsMax */
                streamsMax?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Limits. */
            type $Shape = bwc.v1.Limits.$Properties;
        }

        /**
         * Properties of a Hello.
         * @deprecated Use bwc.v1.Hello.$Properties instead.
         */
        interface IHello extends bwc.v1.Hello.$Properties {
        }

        /** Represents a Hello. */
        class Hello {

            /**
             * Constructs a new Hello.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Hello.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Hello versionMin. */
            versionMin: number;

            /** Hello versionMax. */
            versionMax: number;

            /** Hello features. */
            features: number;

            /** Hello cameraId. */
            cameraId: string;

            /** Hello bootId. */
            bootId: Uint8Array;

            /** Hello nonce. */
            nonce: Uint8Array;

            /** Hello limits. */
            limits?: (bwc.v1.Limits.$Properties|null);

            /** Hello cameraMonoUs. */
            cameraMonoUs: number;

            /** Hello cameraWallUs. */
            cameraWallUs: number;

            /**
             * Encodes the specified Hello message. Does not implicitly {@link bwc.v1.Hello.verify|verify} messages.
             * @param message Hello message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Hello message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Hello & bwc.v1.Hello.$Shape} Hello
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Hello & bwc.v1.Hello.$Shape;
        }

        namespace Hello {

            /** Properties of a Hello. */
            interface $Properties {

                /** Hello versionMin */
                versionMin?: (number|null);

                /** Hello versionMax */
                versionMax?: (number|null);

                /** Hello features */
                features?: (number|null);

                /** Hello cameraId */
                cameraId?: (string|null);

                /** Hello bootId */
                bootId?: (Uint8Array|null);

                /** Hello nonce */
                nonce?: (Uint8Array|null);

                /** Hello limits */
                limits?: (bwc.v1.Limits.$Properties|null);

                /** Hello cameraMonoUs */
                cameraMonoUs?: (number|null);

                /** Hello cameraWallUs */
                cameraWallUs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Hello. */
            type $Shape = bwc.v1.Hello.$Properties;
        }

        /**
         * Properties of a HelloAckBody.
         * @deprecated Use bwc.v1.HelloAckBody.$Properties instead.
         */
        interface IHelloAckBody extends bwc.v1.HelloAckBody.$Properties {
        }

        /** Represents a HelloAckBody. */
        class HelloAckBody {

            /**
             * Constructs a new HelloAckBody.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.HelloAckBody.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** HelloAckBody version. */
            version: number;

            /** HelloAckBody features. */
            features: number;

            /** HelloAckBody dockId. */
            dockId: string;

            /** HelloAckBody sessionId. */
            sessionId: Uint8Array;

            /** HelloAckBody nonce. */
            nonce: Uint8Array;

            /** HelloAckBody limits. */
            limits?: (bwc.v1.Limits.$Properties|null);

            /** HelloAckBody cameraMonoUs. */
            cameraMonoUs: number;

            /** HelloAckBody dockReceivedUs. */
            dockReceivedUs: number;

            /** HelloAckBody dockSentUs. */
            dockSentUs: number;

            /** HelloAckBody ledgerOrigin. */
            ledgerOrigin: string;

            /**
             * Encodes the specified HelloAckBody message. Does not implicitly {@link bwc.v1.HelloAckBody.verify|verify} messages.
             * @param message HelloAckBody message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.HelloAckBody.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HelloAckBody message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.HelloAckBody & bwc.v1.HelloAckBody.$Shape} HelloAckBody
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.HelloAckBody & bwc.v1.HelloAckBody.$Shape;
        }

        namespace HelloAckBody {

            /** Properties of a HelloAckBody. */
            interface $Properties {

                /** HelloAckBody version */
                version?: (number|null);

                /** HelloAckBody features */
                features?: (number|null);

                /** HelloAckBody dockId */
                dockId?: (string|null);

                /** HelloAckBody sessionId */
                sessionId?: (Uint8Array|null);

                /** HelloAckBody nonce */
                nonce?: (Uint8Array|null);

                /** HelloAckBody limits */
                limits?: (bwc.v1.Limits.$Properties|null);

                /** HelloAckBody cameraMonoUs */
                cameraMonoUs?: (number|null);

                /** HelloAckBody dockReceivedUs */
                dockReceivedUs?: (number|null);

                /** HelloAckBody dockSentUs */
                dockSentUs?: (number|null);

                /** HelloAckBody ledgerOrigin */
                ledgerOrigin?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HelloAckBody. */
            type $Shape = bwc.v1.HelloAckBody.$Properties;
        }

        /**
         * Properties of a HelloAck.
         * @deprecated Use bwc.v1.HelloAck.$Properties instead.
         */
        interface IHelloAck extends bwc.v1.HelloAck.$Properties {
        }

        /** Represents a HelloAck. */
        class HelloAck {

            /**
             * Constructs a new HelloAck.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.HelloAck.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** HelloAck body. */
            body: Uint8Array;

            /** HelloAck signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified HelloAck message. Does not implicitly {@link bwc.v1.HelloAck.verify|verify} messages.
             * @param message HelloAck message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.HelloAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HelloAck message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.HelloAck & bwc.v1.HelloAck.$Shape} HelloAck
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.HelloAck & bwc.v1.HelloAck.$Shape;
        }

        namespace HelloAck {

            /** Properties of a HelloAck. */
            interface $Properties {

                /** HelloAck body */
                body?: (Uint8Array|null);

                /** HelloAck signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HelloAck. */
            type $Shape = bwc.v1.HelloAck.$Properties;
        }

        /**
         * Properties of a HelloConfirm.
         * @deprecated Use bwc.v1.HelloConfirm.$Properties instead.
         */
        interface IHelloConfirm extends bwc.v1.HelloConfirm.$Properties {
        }

        /** Represents a HelloConfirm. */
        class HelloConfirm {

            /**
             * Constructs a new HelloConfirm.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.HelloConfirm.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** HelloConfirm sessionId. */
            sessionId: Uint8Array;

            /** HelloConfirm signature. */
            signature: Uint8Array;

            /** HelloConfirm ledgerSize. */
            ledgerSize: number;

            /**
             * Encodes the specified HelloConfirm message. Does not implicitly {@link bwc.v1.HelloConfirm.verify|verify} messages.
             * @param message HelloConfirm message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.HelloConfirm.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HelloConfirm message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.HelloConfirm & bwc.v1.HelloConfirm.$Shape} HelloConfirm
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.HelloConfirm & bwc.v1.HelloConfirm.$Shape;
        }

        namespace HelloConfirm {

            /** Properties of a HelloConfirm. */
            interface $Properties {

                /** HelloConfirm sessionId */
                sessionId?: (Uint8Array|null);

                /** HelloConfirm signature */
                signature?: (Uint8Array|null);

                /** HelloConfirm ledgerSize */
                ledgerSize?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HelloConfirm. */
            type $Shape = bwc.v1.HelloConfirm.$Properties;
        }

        /**
         * Properties of a LinkPropose.
         * @deprecated Use bwc.v1.LinkPropose.$Properties instead.
         */
        interface ILinkPropose extends bwc.v1.LinkPropose.$Properties {
        }

        /** Represents a LinkPropose. */
        class LinkPropose {

            /**
             * Constructs a new LinkPropose.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.LinkPropose.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LinkPropose id. */
            id: number;

            /** LinkPropose baud. */
            baud: number;

            /** LinkPropose rtsCts. */
            rtsCts: boolean;

            /** LinkPropose fragmentBytesMax. */
            fragmentBytesMax: number;

            /**
             * Encodes the specified LinkPropose message. Does not implicitly {@link bwc.v1.LinkPropose.verify|verify} messages.
             * @param message LinkPropose message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.LinkPropose.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LinkPropose message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.LinkPropose & bwc.v1.LinkPropose.$Shape} LinkPropose
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.LinkPropose & bwc.v1.LinkPropose.$Shape;
        }

        namespace LinkPropose {

            /** Properties of a LinkPropose. */
            interface $Properties {

                /** LinkPropose id */
                id?: (number|null);

                /** LinkPropose baud */
                baud?: (number|null);

                /** LinkPropose rtsCts */
                rtsCts?: (boolean|null);

                /** LinkPropose fragmentBytesMax */
                fragmentBytesMax?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LinkPropose. */
            type $Shape = bwc.v1.LinkPropose.$Properties;
        }

        /**
         * Properties of a LinkCommit.
         * @deprecated Use bwc.v1.LinkCommit.$Properties instead.
         */
        interface ILinkCommit extends bwc.v1.LinkCommit.$Properties {
        }

        /** Represents a LinkCommit. */
        class LinkCommit {

            /**
             * Constructs a new LinkCommit.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.LinkCommit.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LinkCommit id. */
            id: number;

            /** LinkCommit baud. */
            baud: number;

            /** LinkCommit rtsCts. */
            rtsCts: boolean;

            /** LinkCommit fragmentBytesMax. */
            fragmentBytesMax: number;

            /**
             * Encodes the specified LinkCommit message. Does not implicitly {@link bwc.v1.LinkCommit.verify|verify} messages.
             * @param message LinkCommit message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.LinkCommit.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LinkCommit message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.LinkCommit & bwc.v1.LinkCommit.$Shape} LinkCommit
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.LinkCommit & bwc.v1.LinkCommit.$Shape;
        }

        namespace LinkCommit {

            /** Properties of a LinkCommit. */
            interface $Properties {

                /** LinkCommit id */
                id?: (number|null);

                /** LinkCommit baud */
                baud?: (number|null);

                /** LinkCommit rtsCts */
                rtsCts?: (boolean|null);

                /** LinkCommit fragmentBytesMax */
                fragmentBytesMax?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LinkCommit. */
            type $Shape = bwc.v1.LinkCommit.$Properties;
        }

        /**
         * Properties of a LinkProbe.
         * @deprecated Use bwc.v1.LinkProbe.$Properties instead.
         */
        interface ILinkProbe extends bwc.v1.LinkProbe.$Properties {
        }

        /** Represents a LinkProbe. */
        class LinkProbe {

            /**
             * Constructs a new LinkProbe.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.LinkProbe.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LinkProbe id. */
            id: number;

            /** LinkProbe seq. */
            seq: number;

            /** LinkProbe count. */
            count: number;

            /** LinkProbe pattern. */
            pattern: Uint8Array;

            /**
             * Encodes the specified LinkProbe message. Does not implicitly {@link bwc.v1.LinkProbe.verify|verify} messages.
             * @param message LinkProbe message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.LinkProbe.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LinkProbe message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.LinkProbe & bwc.v1.LinkProbe.$Shape} LinkProbe
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.LinkProbe & bwc.v1.LinkProbe.$Shape;
        }

        namespace LinkProbe {

            /** Properties of a LinkProbe. */
            interface $Properties {

                /** LinkProbe id */
                id?: (number|null);

                /** LinkProbe seq */
                seq?: (number|null);

                /** LinkProbe count */
                count?: (number|null);

                /** LinkProbe pattern */
                pattern?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LinkProbe. */
            type $Shape = bwc.v1.LinkProbe.$Properties;
        }

        /**
         * Properties of a LinkReport.
         * @deprecated Use bwc.v1.LinkReport.$Properties instead.
         */
        interface ILinkReport extends bwc.v1.LinkReport.$Properties {
        }

        /** Represents a LinkReport. */
        class LinkReport {

            /**
             * Constructs a new LinkReport.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.LinkReport.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LinkReport id. */
            id: number;

            /** LinkReport received. */
            received: number;

            /** LinkReport keep. */
            keep: boolean;

            /**
             * Encodes the specified LinkReport message. Does not implicitly {@link bwc.v1.LinkReport.verify|verify} messages.
             * @param message LinkReport message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.LinkReport.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LinkReport message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.LinkReport & bwc.v1.LinkReport.$Shape} LinkReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.LinkReport & bwc.v1.LinkReport.$Shape;
        }

        namespace LinkReport {

            /** Properties of a LinkReport. */
            interface $Properties {

                /** LinkReport id */
                id?: (number|null);

                /** LinkReport received */
                received?: (number|null);

                /** LinkReport keep */
                keep?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LinkReport. */
            type $Shape = bwc.v1.LinkReport.$Properties;
        }

        /**
         * Properties of a Part.
         * @deprecated Use bwc.v1.Part.$Properties instead.
         */
        interface IPart extends bwc.v1.Part.$Properties {
        }

        /** Represents a Part. */
        class Part {

            /**
             * Constructs a new Part.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Part.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Part id. */
            id: number;

            /** Part total. */
            total: number;

            /** Part offset. */
            offset: number;

            /** Part piece. */
            piece: Uint8Array;

            /**
             * Encodes the specified Part message. Does not implicitly {@link bwc.v1.Part.verify|verify} messages.
             * @param message Part message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Part.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Part message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Part & bwc.v1.Part.$Shape} Part
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Part & bwc.v1.Part.$Shape;
        }

        namespace Part {

            /** Properties of a Part. */
            interface $Properties {

                /** Part id */
                id?: (number|null);

                /** Part total */
                total?: (number|null);

                /** Part offset */
                offset?: (number|null);

                /** Part piece */
                piece?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Part. */
            type $Shape = bwc.v1.Part.$Properties;
        }

        /**
         * Properties of an Offer.
         * @deprecated Use bwc.v1.Offer.$Properties instead.
         */
        interface IOffer extends bwc.v1.Offer.$Properties {
        }

        /** Represents an Offer. */
        class Offer {

            /**
             * Constructs a new Offer.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Offer.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Offer sessionId. */
            sessionId: Uint8Array;

            /** Offer recordingId. */
            recordingId: Uint8Array;

            /** Offer manifestBytes. */
            manifestBytes: number;

            /** Offer manifestSha256. */
            manifestSha256: Uint8Array;

            /** Offer contentBytes. */
            contentBytes: number;

            /** Offer wraps. */
            wraps: Uint8Array;

            /** Offer ledgerSize. */
            ledgerSize: number;

            /**
             * Encodes the specified Offer message. Does not implicitly {@link bwc.v1.Offer.verify|verify} messages.
             * @param message Offer message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Offer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Offer message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Offer & bwc.v1.Offer.$Shape} Offer
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Offer & bwc.v1.Offer.$Shape;
        }

        namespace Offer {

            /** Properties of an Offer. */
            interface $Properties {

                /** Offer sessionId */
                sessionId?: (Uint8Array|null);

                /** Offer recordingId */
                recordingId?: (Uint8Array|null);

                /** Offer manifestBytes */
                manifestBytes?: (number|null);

                /** Offer manifestSha256 */
                manifestSha256?: (Uint8Array|null);

                /** Offer contentBytes */
                contentBytes?: (number|null);

                /** Offer wraps */
                wraps?: (Uint8Array|null);

                /** Offer ledgerSize */
                ledgerSize?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Offer. */
            type $Shape = bwc.v1.Offer.$Properties;
        }

        /**
         * Properties of an Accept.
         * @deprecated Use bwc.v1.Accept.$Properties instead.
         */
        interface IAccept extends bwc.v1.Accept.$Properties {
        }

        /** Represents an Accept. */
        class Accept {

            /**
             * Constructs a new Accept.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Accept.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Accept sessionId. */
            sessionId: Uint8Array;

            /** Accept recordingId. */
            recordingId: Uint8Array;

            /** Accept stream. */
            stream: number;

            /** Accept leaseEpoch. */
            leaseEpoch: number;

            /** Accept durableTo. */
            durableTo: number;

            /** Accept prefixDigest. */
            prefixDigest: Uint8Array;

            /** Accept creditTo. */
            creditTo: number;

            /** Accept receivedTo. */
            receivedTo: number;

            /** Accept held. */
            held: bwc.v1.Range.$Properties[];

            /**
             * Encodes the specified Accept message. Does not implicitly {@link bwc.v1.Accept.verify|verify} messages.
             * @param message Accept message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Accept.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Accept message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Accept & bwc.v1.Accept.$Shape} Accept
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Accept & bwc.v1.Accept.$Shape;
        }

        namespace Accept {

            /** Properties of an Accept. */
            interface $Properties {

                /** Accept sessionId */
                sessionId?: (Uint8Array|null);

                /** Accept recordingId */
                recordingId?: (Uint8Array|null);

                /** Accept stream */
                stream?: (number|null);

                /** Accept leaseEpoch */
                leaseEpoch?: (number|null);

                /** Accept durableTo */
                durableTo?: (number|null);

                /** Accept prefixDigest */
                prefixDigest?: (Uint8Array|null);

                /** Accept creditTo */
                creditTo?: (number|null);

                /** Accept receivedTo */
                receivedTo?: (number|null);

                /** Accept held */
                held?: (bwc.v1.Range.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Accept. */
            type $Shape = bwc.v1.Accept.$Properties;
        }

        /**
         * Properties of a Data.
         * @deprecated Use bwc.v1.Data.$Properties instead.
         */
        interface IData extends bwc.v1.Data.$Properties {
        }

        /** Represents a Data. */
        class Data {

            /**
             * Constructs a new Data.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Data.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Data stream. */
            stream: number;

            /** Data txSeq. */
            txSeq: number;

            /** Data flags. */
            flags: number;

            /** Data offset. */
            offset: number;

            /** Data payload. */
            payload: Uint8Array;

            /**
             * Encodes the specified Data message. Does not implicitly {@link bwc.v1.Data.verify|verify} messages.
             * @param message Data message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Data.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Data message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Data & bwc.v1.Data.$Shape} Data
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Data & bwc.v1.Data.$Shape;
        }

        namespace Data {

            /** Properties of a Data. */
            interface $Properties {

                /** Data stream */
                stream?: (number|null);

                /** Data txSeq */
                txSeq?: (number|null);

                /** Data flags */
                flags?: (number|null);

                /** Data offset */
                offset?: (number|null);

                /** Data payload */
                payload?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Data. */
            type $Shape = bwc.v1.Data.$Properties;
        }

        /**
         * Properties of a Range.
         * @deprecated Use bwc.v1.Range.$Properties instead.
         */
        interface IRange extends bwc.v1.Range.$Properties {
        }

        /** Represents a Range. */
        class Range {

            /**
             * Constructs a new Range.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Range.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Range start. */
            start: number;

            /** Range end. */
            end: number;

            /**
             * Encodes the specified Range message. Does not implicitly {@link bwc.v1.Range.verify|verify} messages.
             * @param message Range message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Range.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Range message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Range & bwc.v1.Range.$Shape} Range
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Range & bwc.v1.Range.$Shape;
        }

        namespace Range {

            /** Properties of a Range. */
            interface $Properties {

                /** Range start */
                start?: (number|null);

                /** Range end */
                end?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Range. */
            type $Shape = bwc.v1.Range.$Properties;
        }

        /**
         * Properties of an Ack.
         * @deprecated Use bwc.v1.Ack.$Properties instead.
         */
        interface IAck extends bwc.v1.Ack.$Properties {
        }

        /** Represents an Ack. */
        class Ack {

            /**
             * Constructs a new Ack.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Ack.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Ack stream. */
            stream: number;

            /** Ack maxTxSeq. */
            maxTxSeq: number;

            /** Ack receivedTo. */
            receivedTo: number;

            /** Ack durableTo. */
            durableTo: number;

            /** Ack creditTo. */
            creditTo: number;

            /** Ack missing. */
            missing: bwc.v1.Range.$Properties[];

            /** Ack pause. */
            pause: boolean;

            /** Ack code. */
            code: bwc.v1.ErrorCode;

            /**
             * Encodes the specified Ack message. Does not implicitly {@link bwc.v1.Ack.verify|verify} messages.
             * @param message Ack message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Ack message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Ack & bwc.v1.Ack.$Shape} Ack
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Ack & bwc.v1.Ack.$Shape;
        }

        namespace Ack {

            /** Properties of an Ack. */
            interface $Properties {

                /** Ack stream */
                stream?: (number|null);

                /** Ack maxTxSeq */
                maxTxSeq?: (number|null);

                /** Ack receivedTo */
                receivedTo?: (number|null);

                /** Ack durableTo */
                durableTo?: (number|null);

                /** Ack creditTo */
                creditTo?: (number|null);

                /** Ack missing */
                missing?: (bwc.v1.Range.$Properties[]|null);

                /** Ack pause */
                pause?: (boolean|null);

                /** Ack code */
                code?: (bwc.v1.ErrorCode|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Ack. */
            type $Shape = bwc.v1.Ack.$Properties;
        }

        /**
         * Properties of a Fin.
         * @deprecated Use bwc.v1.Fin.$Properties instead.
         */
        interface IFin extends bwc.v1.Fin.$Properties {
        }

        /** Represents a Fin. */
        class Fin {

            /**
             * Constructs a new Fin.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Fin.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Fin stream. */
            stream: number;

            /** Fin totalBytes. */
            totalBytes: number;

            /** Fin ledgerSize. */
            ledgerSize: number;

            /**
             * Encodes the specified Fin message. Does not implicitly {@link bwc.v1.Fin.verify|verify} messages.
             * @param message Fin message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Fin.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Fin message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Fin & bwc.v1.Fin.$Shape} Fin
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Fin & bwc.v1.Fin.$Shape;
        }

        namespace Fin {

            /** Properties of a Fin. */
            interface $Properties {

                /** Fin stream */
                stream?: (number|null);

                /** Fin totalBytes */
                totalBytes?: (number|null);

                /** Fin ledgerSize */
                ledgerSize?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Fin. */
            type $Shape = bwc.v1.Fin.$Properties;
        }

        /** Outcome enum. */
        enum Outcome {

            /** OUTCOME_UNSPECIFIED value */
            OUTCOME_UNSPECIFIED = 0,

            /** OUTCOME_ACCEPTED value */
            OUTCOME_ACCEPTED = 1,

            /** OUTCOME_QUARANTINED value */
            OUTCOME_QUARANTINED = 2
        }

        /**
         * Properties of a ReceiptBody.
         * @deprecated Use bwc.v1.ReceiptBody.$Properties instead.
         */
        interface IReceiptBody extends bwc.v1.ReceiptBody.$Properties {
        }

        /** Represents a ReceiptBody. */
        class ReceiptBody {

            /**
             * Constructs a new ReceiptBody.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.ReceiptBody.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReceiptBody outcome. */
            outcome: bwc.v1.Outcome;

            /** ReceiptBody recordingId. */
            recordingId: Uint8Array;

            /** ReceiptBody manifestSha256. */
            manifestSha256: Uint8Array;

            /** ReceiptBody entry. */
            entry: Uint8Array;

            /** ReceiptBody proof. */
            proof: string;

            /** ReceiptBody reason. */
            reason: string;

            /** ReceiptBody consistencyFrom. */
            consistencyFrom: number;

            /** ReceiptBody consistency. */
            consistency: Uint8Array[];

            /**
             * Encodes the specified ReceiptBody message. Does not implicitly {@link bwc.v1.ReceiptBody.verify|verify} messages.
             * @param message ReceiptBody message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.ReceiptBody.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReceiptBody message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.ReceiptBody & bwc.v1.ReceiptBody.$Shape} ReceiptBody
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.ReceiptBody & bwc.v1.ReceiptBody.$Shape;
        }

        namespace ReceiptBody {

            /** Properties of a ReceiptBody. */
            interface $Properties {

                /** ReceiptBody outcome */
                outcome?: (bwc.v1.Outcome|null);

                /** ReceiptBody recordingId */
                recordingId?: (Uint8Array|null);

                /** ReceiptBody manifestSha256 */
                manifestSha256?: (Uint8Array|null);

                /** ReceiptBody entry */
                entry?: (Uint8Array|null);

                /** ReceiptBody proof */
                proof?: (string|null);

                /** ReceiptBody reason */
                reason?: (string|null);

                /** ReceiptBody consistencyFrom */
                consistencyFrom?: (number|null);

                /** ReceiptBody consistency */
                consistency?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReceiptBody. */
            type $Shape = bwc.v1.ReceiptBody.$Properties;
        }

        /**
         * Properties of a Receipt.
         * @deprecated Use bwc.v1.Receipt.$Properties instead.
         */
        interface IReceipt extends bwc.v1.Receipt.$Properties {
        }

        /** Represents a Receipt. */
        class Receipt {

            /**
             * Constructs a new Receipt.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Receipt.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Receipt body. */
            body: Uint8Array;

            /** Receipt signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified Receipt message. Does not implicitly {@link bwc.v1.Receipt.verify|verify} messages.
             * @param message Receipt message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Receipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Receipt message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Receipt & bwc.v1.Receipt.$Shape} Receipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Receipt & bwc.v1.Receipt.$Shape;
        }

        namespace Receipt {

            /** Properties of a Receipt. */
            interface $Properties {

                /** Receipt body */
                body?: (Uint8Array|null);

                /** Receipt signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Receipt. */
            type $Shape = bwc.v1.Receipt.$Properties;
        }

        /**
         * Properties of a ReceiptAck.
         * @deprecated Use bwc.v1.ReceiptAck.$Properties instead.
         */
        interface IReceiptAck extends bwc.v1.ReceiptAck.$Properties {
        }

        /** Represents a ReceiptAck. */
        class ReceiptAck {

            /**
             * Constructs a new ReceiptAck.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.ReceiptAck.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReceiptAck recordingId. */
            recordingId: Uint8Array;

            /** ReceiptAck erased. */
            erased: boolean;

            /**
             * Encodes the specified ReceiptAck message. Does not implicitly {@link bwc.v1.ReceiptAck.verify|verify} messages.
             * @param message ReceiptAck message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.ReceiptAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReceiptAck message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.ReceiptAck & bwc.v1.ReceiptAck.$Shape} ReceiptAck
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.ReceiptAck & bwc.v1.ReceiptAck.$Shape;
        }

        namespace ReceiptAck {

            /** Properties of a ReceiptAck. */
            interface $Properties {

                /** ReceiptAck recordingId */
                recordingId?: (Uint8Array|null);

                /** ReceiptAck erased */
                erased?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReceiptAck. */
            type $Shape = bwc.v1.ReceiptAck.$Properties;
        }

        /**
         * Properties of a Ticket.
         * @deprecated Use bwc.v1.Ticket.$Properties instead.
         */
        interface ITicket extends bwc.v1.Ticket.$Properties {
        }

        /** Represents a Ticket. */
        class Ticket {

            /**
             * Constructs a new Ticket.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Ticket.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Ticket sessionId. */
            sessionId: Uint8Array;

            /** Ticket note. */
            note: string;

            /** Ticket consistencyFrom. */
            consistencyFrom: number;

            /** Ticket consistency. */
            consistency: Uint8Array[];

            /**
             * Encodes the specified Ticket message. Does not implicitly {@link bwc.v1.Ticket.verify|verify} messages.
             * @param message Ticket message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Ticket.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Ticket message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Ticket & bwc.v1.Ticket.$Shape} Ticket
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Ticket & bwc.v1.Ticket.$Shape;
        }

        namespace Ticket {

            /** Properties of a Ticket. */
            interface $Properties {

                /** Ticket sessionId */
                sessionId?: (Uint8Array|null);

                /** Ticket note */
                note?: (string|null);

                /** Ticket consistencyFrom */
                consistencyFrom?: (number|null);

                /** Ticket consistency */
                consistency?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Ticket. */
            type $Shape = bwc.v1.Ticket.$Properties;
        }

        /**
         * Properties of a Ping.
         * @deprecated Use bwc.v1.Ping.$Properties instead.
         */
        interface IPing extends bwc.v1.Ping.$Properties {
        }

        /** Represents a Ping. */
        class Ping {

            /**
             * Constructs a new Ping.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Ping.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Ping sentUs. */
            sentUs: number;

            /**
             * Encodes the specified Ping message. Does not implicitly {@link bwc.v1.Ping.verify|verify} messages.
             * @param message Ping message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Ping.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Ping message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Ping & bwc.v1.Ping.$Shape} Ping
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Ping & bwc.v1.Ping.$Shape;
        }

        namespace Ping {

            /** Properties of a Ping. */
            interface $Properties {

                /** Ping sentUs */
                sentUs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Ping. */
            type $Shape = bwc.v1.Ping.$Properties;
        }

        /**
         * Properties of a Pong.
         * @deprecated Use bwc.v1.Pong.$Properties instead.
         */
        interface IPong extends bwc.v1.Pong.$Properties {
        }

        /** Represents a Pong. */
        class Pong {

            /**
             * Constructs a new Pong.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Pong.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Pong pingSentUs. */
            pingSentUs: number;

            /** Pong receivedUs. */
            receivedUs: number;

            /** Pong sentUs. */
            sentUs: number;

            /** Pong wallUs. */
            wallUs: number;

            /**
             * Encodes the specified Pong message. Does not implicitly {@link bwc.v1.Pong.verify|verify} messages.
             * @param message Pong message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Pong.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Pong message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Pong & bwc.v1.Pong.$Shape} Pong
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Pong & bwc.v1.Pong.$Shape;
        }

        namespace Pong {

            /** Properties of a Pong. */
            interface $Properties {

                /** Pong pingSentUs */
                pingSentUs?: (number|null);

                /** Pong receivedUs */
                receivedUs?: (number|null);

                /** Pong sentUs */
                sentUs?: (number|null);

                /** Pong wallUs */
                wallUs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Pong. */
            type $Shape = bwc.v1.Pong.$Properties;
        }

        /** CameraState enum. */
        enum CameraState {

            /** CAMERA_STATE_UNSPECIFIED value */
            CAMERA_STATE_UNSPECIFIED = 0,

            /** CAMERA_STATE_READY value */
            CAMERA_STATE_READY = 1,

            /** CAMERA_STATE_RECORDING value */
            CAMERA_STATE_RECORDING = 2,

            /** CAMERA_STATE_DOCKED value */
            CAMERA_STATE_DOCKED = 3,

            /** CAMERA_STATE_TRANSFERRING value */
            CAMERA_STATE_TRANSFERRING = 4,

            /** CAMERA_STATE_STORAGE_FULL value */
            CAMERA_STATE_STORAGE_FULL = 5
        }

        /**
         * Properties of a Telemetry.
         * @deprecated Use bwc.v1.Telemetry.$Properties instead.
         */
        interface ITelemetry extends bwc.v1.Telemetry.$Properties {
        }

        /** Represents a Telemetry. */
        class Telemetry {

            /**
             * Constructs a new Telemetry.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Telemetry.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Telemetry state. */
            state: bwc.v1.CameraState;

            /** Telemetry batteryPercent. */
            batteryPercent: number;

            /** Telemetry flashFreeBytes. */
            flashFreeBytes: number;

            /** Telemetry recordingsHeld. */
            recordingsHeld: number;

            /** Telemetry officerId. */
            officerId: string;

            /** Telemetry cameraWallUs. */
            cameraWallUs: number;

            /** Telemetry bytesHeld. */
            bytesHeld: number;

            /**
             * Encodes the specified Telemetry message. Does not implicitly {@link bwc.v1.Telemetry.verify|verify} messages.
             * @param message Telemetry message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Telemetry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Telemetry message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Telemetry & bwc.v1.Telemetry.$Shape} Telemetry
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Telemetry & bwc.v1.Telemetry.$Shape;
        }

        namespace Telemetry {

            /** Properties of a Telemetry. */
            interface $Properties {

                /** Telemetry state */
                state?: (bwc.v1.CameraState|null);

                /** Telemetry batteryPercent */
                batteryPercent?: (number|null);

                /** Telemetry flashFreeBytes */
                flashFreeBytes?: (number|null);

                /** Telemetry recordingsHeld */
                recordingsHeld?: (number|null);

                /** Telemetry officerId */
                officerId?: (string|null);

                /** Telemetry cameraWallUs */
                cameraWallUs?: (number|null);

                /** Telemetry bytesHeld */
                bytesHeld?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Telemetry. */
            type $Shape = bwc.v1.Telemetry.$Properties;
        }

        /** ErrorClass enum. */
        enum ErrorClass {

            /** ERROR_CLASS_UNSPECIFIED value */
            ERROR_CLASS_UNSPECIFIED = 0,

            /** ERROR_CLASS_RETRY value */
            ERROR_CLASS_RETRY = 1,

            /** ERROR_CLASS_RENEGOTIATE value */
            ERROR_CLASS_RENEGOTIATE = 2,

            /** ERROR_CLASS_RESTART_STREAM value */
            ERROR_CLASS_RESTART_STREAM = 3,

            /** ERROR_CLASS_NEVER value */
            ERROR_CLASS_NEVER = 4
        }

        /** ErrorCode enum. */
        enum ErrorCode {

            /** ERROR_CODE_UNSPECIFIED value */
            ERROR_CODE_UNSPECIFIED = 0,

            /** ERROR_CODE_VERSION value */
            ERROR_CODE_VERSION = 1,

            /** ERROR_CODE_UNKNOWN_CAMERA value */
            ERROR_CODE_UNKNOWN_CAMERA = 2,

            /** ERROR_CODE_UNKNOWN_DOCK value */
            ERROR_CODE_UNKNOWN_DOCK = 3,

            /** ERROR_CODE_BAD_SIGNATURE value */
            ERROR_CODE_BAD_SIGNATURE = 4,

            /** ERROR_CODE_MALFORMED value */
            ERROR_CODE_MALFORMED = 5,

            /** ERROR_CODE_OVERSIZE value */
            ERROR_CODE_OVERSIZE = 6,

            /** ERROR_CODE_NO_SESSION value */
            ERROR_CODE_NO_SESSION = 7,

            /** ERROR_CODE_UNKNOWN_STREAM value */
            ERROR_CODE_UNKNOWN_STREAM = 8,

            /** ERROR_CODE_STALE_LEASE value */
            ERROR_CODE_STALE_LEASE = 9,

            /** ERROR_CODE_PREFIX_MISMATCH value */
            ERROR_CODE_PREFIX_MISMATCH = 10,

            /** ERROR_CODE_BAD_MANIFEST value */
            ERROR_CODE_BAD_MANIFEST = 11,

            /** ERROR_CODE_BAD_CHUNK value */
            ERROR_CODE_BAD_CHUNK = 12,

            /** ERROR_CODE_STORAGE_FULL value */
            ERROR_CODE_STORAGE_FULL = 13,

            /** ERROR_CODE_STORAGE_FAULT value */
            ERROR_CODE_STORAGE_FAULT = 14,

            /** ERROR_CODE_BUSY value */
            ERROR_CODE_BUSY = 15,

            /** ERROR_CODE_SHUTTING_DOWN value */
            ERROR_CODE_SHUTTING_DOWN = 16,

            /** ERROR_CODE_BAD_RECEIPT value */
            ERROR_CODE_BAD_RECEIPT = 17
        }

        /**
         * Properties of an Abort.
         * @deprecated Use bwc.v1.Abort.$Properties instead.
         */
        interface IAbort extends bwc.v1.Abort.$Properties {
        }

        /** Represents an Abort. */
        class Abort {

            /**
             * Constructs a new Abort.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Abort.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Abort stream. */
            stream: number;

            /** Abort code. */
            code: bwc.v1.ErrorCode;

            /** Abort class. */
            class: bwc.v1.ErrorClass;

            /** Abort message. */
            message: string;

            /** Abort recordingId. */
            recordingId: Uint8Array;

            /** Abort sessionId. */
            sessionId: Uint8Array;

            /**
             * Encodes the specified Abort message. Does not implicitly {@link bwc.v1.Abort.verify|verify} messages.
             * @param message Abort message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Abort.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Abort message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Abort & bwc.v1.Abort.$Shape} Abort
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Abort & bwc.v1.Abort.$Shape;
        }

        namespace Abort {

            /** Properties of an Abort. */
            interface $Properties {

                /** Abort stream */
                stream?: (number|null);

                /** Abort code */
                code?: (bwc.v1.ErrorCode|null);

                /** Abort class */
                "class"?: (bwc.v1.ErrorClass|null);

                /** Abort message */
                message?: (string|null);

                /** Abort recordingId */
                recordingId?: (Uint8Array|null);

                /** Abort sessionId */
                sessionId?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Abort. */
            type $Shape = bwc.v1.Abort.$Properties;
        }

        /**
         * Properties of a Bye.
         * @deprecated Use bwc.v1.Bye.$Properties instead.
         */
        interface IBye extends bwc.v1.Bye.$Properties {
        }

        /** Represents a Bye. */
        class Bye {

            /**
             * Constructs a new Bye.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Bye.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Bye sessionId. */
            sessionId: Uint8Array;

            /** Bye message. */
            message: string;

            /**
             * Encodes the specified Bye message. Does not implicitly {@link bwc.v1.Bye.verify|verify} messages.
             * @param message Bye message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Bye.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Bye message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Bye & bwc.v1.Bye.$Shape} Bye
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Bye & bwc.v1.Bye.$Shape;
        }

        namespace Bye {

            /** Properties of a Bye. */
            interface $Properties {

                /** Bye sessionId */
                sessionId?: (Uint8Array|null);

                /** Bye message */
                message?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Bye. */
            type $Shape = bwc.v1.Bye.$Properties;
        }

        /**
         * Properties of a Moment.
         * @deprecated Use bwc.v1.Moment.$Properties instead.
         */
        interface IMoment extends bwc.v1.Moment.$Properties {
        }

        /** Represents a Moment. */
        class Moment {

            /**
             * Constructs a new Moment.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Moment.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Moment wallUs. */
            wallUs: number;

            /** Moment monoUs. */
            monoUs: number;

            /**
             * Encodes the specified Moment message. Does not implicitly {@link bwc.v1.Moment.verify|verify} messages.
             * @param message Moment message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Moment.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Moment message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Moment & bwc.v1.Moment.$Shape} Moment
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Moment & bwc.v1.Moment.$Shape;
        }

        namespace Moment {

            /** Properties of a Moment. */
            interface $Properties {

                /** Moment wallUs */
                wallUs?: (number|null);

                /** Moment monoUs */
                monoUs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Moment. */
            type $Shape = bwc.v1.Moment.$Properties;
        }

        /** StopReason enum. */
        enum StopReason {

            /** STOP_REASON_UNSPECIFIED value */
            STOP_REASON_UNSPECIFIED = 0,

            /** STOP_REASON_BUTTON value */
            STOP_REASON_BUTTON = 1,

            /** STOP_REASON_DOCKED value */
            STOP_REASON_DOCKED = 2,

            /** STOP_REASON_STORAGE_FULL value */
            STOP_REASON_STORAGE_FULL = 3,

            /** STOP_REASON_POWER_LOSS value */
            STOP_REASON_POWER_LOSS = 4,

            /** STOP_REASON_REPLAY value */
            STOP_REASON_REPLAY = 5,

            /** STOP_REASON_BATTERY value */
            STOP_REASON_BATTERY = 6,

            /** STOP_REASON_LIMIT value */
            STOP_REASON_LIMIT = 7,

            /** STOP_REASON_POWER_OFF value */
            STOP_REASON_POWER_OFF = 8
        }

        /** RecordingCause enum. */
        enum RecordingCause {

            /** RECORDING_CAUSE_UNSPECIFIED value */
            RECORDING_CAUSE_UNSPECIFIED = 0,

            /** RECORDING_CAUSE_BUTTON value */
            RECORDING_CAUSE_BUTTON = 1,

            /** RECORDING_CAUSE_HOLSTER value */
            RECORDING_CAUSE_HOLSTER = 2,

            /** RECORDING_CAUSE_LIGHT_BAR value */
            RECORDING_CAUSE_LIGHT_BAR = 3,

            /** RECORDING_CAUSE_TASER value */
            RECORDING_CAUSE_TASER = 4,

            /** RECORDING_CAUSE_FALL value */
            RECORDING_CAUSE_FALL = 5,

            /** RECORDING_CAUSE_PEER value */
            RECORDING_CAUSE_PEER = 6,

            /** RECORDING_CAUSE_LIMIT value */
            RECORDING_CAUSE_LIMIT = 7,

            /** RECORDING_CAUSE_COMMAND value */
            RECORDING_CAUSE_COMMAND = 8
        }

        /**
         * Properties of a Mark.
         * @deprecated Use bwc.v1.Mark.$Properties instead.
         */
        interface IMark extends bwc.v1.Mark.$Properties {
        }

        /** Represents a Mark. */
        class Mark {

            /**
             * Constructs a new Mark.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Mark.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Mark at. */
            at?: (bwc.v1.Moment.$Properties|null);

            /** Mark kind. */
            kind: string;

            /**
             * Encodes the specified Mark message. Does not implicitly {@link bwc.v1.Mark.verify|verify} messages.
             * @param message Mark message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Mark.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Mark message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Mark & bwc.v1.Mark.$Shape} Mark
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Mark & bwc.v1.Mark.$Shape;
        }

        namespace Mark {

            /** Properties of a Mark. */
            interface $Properties {

                /** Mark at */
                at?: (bwc.v1.Moment.$Properties|null);

                /** Mark kind */
                kind?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Mark. */
            type $Shape = bwc.v1.Mark.$Properties;
        }

        /**
         * Properties of a Mute.
         * @deprecated Use bwc.v1.Mute.$Properties instead.
         */
        interface IMute extends bwc.v1.Mute.$Properties {
        }

        /** Represents a Mute. */
        class Mute {

            /**
             * Constructs a new Mute.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Mute.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Mute from. */
            from?: (bwc.v1.Moment.$Properties|null);

            /** Mute to. */
            to?: (bwc.v1.Moment.$Properties|null);

            /**
             * Encodes the specified Mute message. Does not implicitly {@link bwc.v1.Mute.verify|verify} messages.
             * @param message Mute message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Mute.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Mute message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Mute & bwc.v1.Mute.$Shape} Mute
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Mute & bwc.v1.Mute.$Shape;
        }

        namespace Mute {

            /** Properties of a Mute. */
            interface $Properties {

                /** Mute from */
                from?: (bwc.v1.Moment.$Properties|null);

                /** Mute to */
                to?: (bwc.v1.Moment.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Mute. */
            type $Shape = bwc.v1.Mute.$Properties;
        }

        /**
         * Properties of a BatteryUse.
         * @deprecated Use bwc.v1.BatteryUse.$Properties instead.
         */
        interface IBatteryUse extends bwc.v1.BatteryUse.$Properties {
        }

        /** Represents a BatteryUse. */
        class BatteryUse {

            /**
             * Constructs a new BatteryUse.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.BatteryUse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BatteryUse startPercent. */
            startPercent: number;

            /** BatteryUse endPercent. */
            endPercent: number;

            /**
             * Encodes the specified BatteryUse message. Does not implicitly {@link bwc.v1.BatteryUse.verify|verify} messages.
             * @param message BatteryUse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.BatteryUse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BatteryUse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.BatteryUse & bwc.v1.BatteryUse.$Shape} BatteryUse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.BatteryUse & bwc.v1.BatteryUse.$Shape;
        }

        namespace BatteryUse {

            /** Properties of a BatteryUse. */
            interface $Properties {

                /** BatteryUse startPercent */
                startPercent?: (number|null);

                /** BatteryUse endPercent */
                endPercent?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BatteryUse. */
            type $Shape = bwc.v1.BatteryUse.$Properties;
        }

        /**
         * Properties of a TrackPoint.
         * @deprecated Use bwc.v1.TrackPoint.$Properties instead.
         */
        interface ITrackPoint extends bwc.v1.TrackPoint.$Properties {
        }

        /** Represents a TrackPoint. */
        class TrackPoint {

            /**
             * Constructs a new TrackPoint.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.TrackPoint.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TrackPoint at. */
            at?: (bwc.v1.Moment.$Properties|null);

            /** TrackPoint latitudeE7. */
            latitudeE7: number;

            /** TrackPoint longitudeE7. */
            longitudeE7: number;

            /** TrackPoint accuracyDm. */
            accuracyDm: number;

            /**
             * Encodes the specified TrackPoint message. Does not implicitly {@link bwc.v1.TrackPoint.verify|verify} messages.
             * @param message TrackPoint message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.TrackPoint.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TrackPoint message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.TrackPoint & bwc.v1.TrackPoint.$Shape} TrackPoint
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.TrackPoint & bwc.v1.TrackPoint.$Shape;
        }

        namespace TrackPoint {

            /** Properties of a TrackPoint. */
            interface $Properties {

                /** TrackPoint at */
                at?: (bwc.v1.Moment.$Properties|null);

                /** TrackPoint latitudeE7 */
                latitudeE7?: (number|null);

                /** TrackPoint longitudeE7 */
                longitudeE7?: (number|null);

                /** TrackPoint accuracyDm */
                accuracyDm?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TrackPoint. */
            type $Shape = bwc.v1.TrackPoint.$Properties;
        }

        /**
         * Properties of a ChunkInfo.
         * @deprecated Use bwc.v1.ChunkInfo.$Properties instead.
         */
        interface IChunkInfo extends bwc.v1.ChunkInfo.$Properties {
        }

        /** Represents a ChunkInfo. */
        class ChunkInfo {

            /**
             * Constructs a new ChunkInfo.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.ChunkInfo.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChunkInfo sha256. */
            sha256: Uint8Array;

            /** ChunkInfo storedBytes. */
            storedBytes: number;

            /** ChunkInfo plainBytes. */
            plainBytes: number;

            /** ChunkInfo mediaStartMs. */
            mediaStartMs: number;

            /** ChunkInfo mediaMs. */
            mediaMs: number;

            /** ChunkInfo endOfFragment. */
            endOfFragment: boolean;

            /**
             * Encodes the specified ChunkInfo message. Does not implicitly {@link bwc.v1.ChunkInfo.verify|verify} messages.
             * @param message ChunkInfo message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.ChunkInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChunkInfo message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.ChunkInfo & bwc.v1.ChunkInfo.$Shape} ChunkInfo
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.ChunkInfo & bwc.v1.ChunkInfo.$Shape;
        }

        namespace ChunkInfo {

            /** Properties of a ChunkInfo. */
            interface $Properties {

                /** ChunkInfo sha256 */
                sha256?: (Uint8Array|null);

                /** ChunkInfo storedBytes */
                storedBytes?: (number|null);

                /** ChunkInfo plainBytes */
                plainBytes?: (number|null);

                /** ChunkInfo mediaStartMs */
                mediaStartMs?: (number|null);

                /** ChunkInfo mediaMs */
                mediaMs?: (number|null);

                /** ChunkInfo endOfFragment */
                endOfFragment?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChunkInfo. */
            type $Shape = bwc.v1.ChunkInfo.$Properties;
        }

        /**
         * Properties of a Manifest.
         * @deprecated Use bwc.v1.Manifest.$Properties instead.
         */
        interface IManifest extends bwc.v1.Manifest.$Properties {
        }

        /** Represents a Manifest. */
        class Manifest {

            /**
             * Constructs a new Manifest.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Manifest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Manifest format. */
            format: number;

            /** Manifest recordingId. */
            recordingId: Uint8Array;

            /** Manifest cameraId. */
            cameraId: string;

            /** Manifest counter. */
            counter: number;

            /** Manifest previousRoot. */
            previousRoot: Uint8Array;

            /** Manifest bootId. */
            bootId: Uint8Array;

            /** Manifest officerId. */
            officerId: string;

            /** Manifest incidentTag. */
            incidentTag: string;

            /** Manifest mediaType. */
            mediaType: string;

            /** Manifest suite. */
            suite: number;

            /** Manifest chunkBytesMax. */
            chunkBytesMax: number;

            /** Manifest triggered. */
            triggered?: (bwc.v1.Moment.$Properties|null);

            /** Manifest started. */
            started?: (bwc.v1.Moment.$Properties|null);

            /** Manifest ended. */
            ended?: (bwc.v1.Moment.$Properties|null);

            /** Manifest stopReason. */
            stopReason: bwc.v1.StopReason;

            /** Manifest marks. */
            marks: bwc.v1.Mark.$Properties[];

            /** Manifest chunks. */
            chunks: bwc.v1.ChunkInfo.$Properties[];

            /** Manifest root. */
            root: Uint8Array;

            /** Manifest contentBytes. */
            contentBytes: number;

            /** Manifest wrapsSha256. */
            wrapsSha256: Uint8Array;

            /** Manifest lostChunks. */
            lostChunks: number;

            /** Manifest ticket. */
            ticket: string;

            /** Manifest cause. */
            cause: bwc.v1.RecordingCause;

            /** Manifest critical. */
            critical: boolean;

            /** Manifest mutes. */
            mutes: bwc.v1.Mute.$Properties[];

            /** Manifest categories. */
            categories: string[];

            /** Manifest battery. */
            battery?: (bwc.v1.BatteryUse.$Properties|null);

            /** Manifest track. */
            track: bwc.v1.TrackPoint.$Properties[];

            /**
             * Encodes the specified Manifest message. Does not implicitly {@link bwc.v1.Manifest.verify|verify} messages.
             * @param message Manifest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Manifest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Manifest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Manifest & bwc.v1.Manifest.$Shape} Manifest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Manifest & bwc.v1.Manifest.$Shape;
        }

        namespace Manifest {

            /** Properties of a Manifest. */
            interface $Properties {

                /** Manifest format */
                format?: (number|null);

                /** Manifest recordingId */
                recordingId?: (Uint8Array|null);

                /** Manifest cameraId */
                cameraId?: (string|null);

                /** Manifest counter */
                counter?: (number|null);

                /** Manifest previousRoot */
                previousRoot?: (Uint8Array|null);

                /** Manifest bootId */
                bootId?: (Uint8Array|null);

                /** Manifest officerId */
                officerId?: (string|null);

                /** Manifest incidentTag */
                incidentTag?: (string|null);

                /** Manifest mediaType */
                mediaType?: (string|null);

                /** Manifest suite */
                suite?: (number|null);

                /** Manifest chunkBytesMax */
                chunkBytesMax?: (number|null);

                /** Manifest triggered */
                triggered?: (bwc.v1.Moment.$Properties|null);

                /** Manifest started */
                started?: (bwc.v1.Moment.$Properties|null);

                /** Manifest ended */
                ended?: (bwc.v1.Moment.$Properties|null);

                /** Manifest stopReason */
                stopReason?: (bwc.v1.StopReason|null);

                /** Manifest marks */
                marks?: (bwc.v1.Mark.$Properties[]|null);

                /** Manifest chunks */
                chunks?: (bwc.v1.ChunkInfo.$Properties[]|null);

                /** Manifest root */
                root?: (Uint8Array|null);

                /** Manifest contentBytes */
                contentBytes?: (number|null);

                /** Manifest wrapsSha256 */
                wrapsSha256?: (Uint8Array|null);

                /** Manifest lostChunks */
                lostChunks?: (number|null);

                /** Manifest ticket */
                ticket?: (string|null);

                /** Manifest cause */
                cause?: (bwc.v1.RecordingCause|null);

                /** Manifest critical */
                critical?: (boolean|null);

                /** Manifest mutes */
                mutes?: (bwc.v1.Mute.$Properties[]|null);

                /** Manifest categories */
                categories?: (string[]|null);

                /** Manifest battery */
                battery?: (bwc.v1.BatteryUse.$Properties|null);

                /** Manifest track */
                track?: (bwc.v1.TrackPoint.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Manifest. */
            type $Shape = bwc.v1.Manifest.$Properties;
        }

        /**
         * Properties of a Wrap.
         * @deprecated Use bwc.v1.Wrap.$Properties instead.
         */
        interface IWrap extends bwc.v1.Wrap.$Properties {
        }

        /** Represents a Wrap. */
        class Wrap {

            /**
             * Constructs a new Wrap.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Wrap.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Wrap recipient. */
            recipient: Uint8Array;

            /** Wrap enc. */
            enc: Uint8Array;

            /** Wrap ciphertext. */
            ciphertext: Uint8Array;

            /**
             * Encodes the specified Wrap message. Does not implicitly {@link bwc.v1.Wrap.verify|verify} messages.
             * @param message Wrap message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Wrap.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Wrap message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Wrap & bwc.v1.Wrap.$Shape} Wrap
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Wrap & bwc.v1.Wrap.$Shape;
        }

        namespace Wrap {

            /** Properties of a Wrap. */
            interface $Properties {

                /** Wrap recipient */
                recipient?: (Uint8Array|null);

                /** Wrap enc */
                enc?: (Uint8Array|null);

                /** Wrap ciphertext */
                ciphertext?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Wrap. */
            type $Shape = bwc.v1.Wrap.$Properties;
        }

        /**
         * Properties of a Wraps.
         * @deprecated Use bwc.v1.Wraps.$Properties instead.
         */
        interface IWraps extends bwc.v1.Wraps.$Properties {
        }

        /** Represents a Wraps. */
        class Wraps {

            /**
             * Constructs a new Wraps.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Wraps.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Wraps wraps. */
            wraps: bwc.v1.Wrap.$Properties[];

            /**
             * Encodes the specified Wraps message. Does not implicitly {@link bwc.v1.Wraps.verify|verify} messages.
             * @param message Wraps message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Wraps.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Wraps message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Wraps & bwc.v1.Wraps.$Shape} Wraps
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Wraps & bwc.v1.Wraps.$Shape;
        }

        namespace Wraps {

            /** Properties of a Wraps. */
            interface $Properties {

                /** Wraps wraps */
                wraps?: (bwc.v1.Wrap.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Wraps. */
            type $Shape = bwc.v1.Wraps.$Properties;
        }

        /**
         * Properties of a Head.
         * @deprecated Use bwc.v1.Head.$Properties instead.
         */
        interface IHead extends bwc.v1.Head.$Properties {
        }

        /** Represents a Head. */
        class Head {

            /**
             * Constructs a new Head.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.Head.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Head recordingId. */
            recordingId: Uint8Array;

            /** Head chunks. */
            chunks: number;

            /** Head root. */
            root: Uint8Array;

            /** Head at. */
            at?: (bwc.v1.Moment.$Properties|null);

            /**
             * Encodes the specified Head message. Does not implicitly {@link bwc.v1.Head.verify|verify} messages.
             * @param message Head message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.Head.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Head message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.Head & bwc.v1.Head.$Shape} Head
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.Head & bwc.v1.Head.$Shape;
        }

        namespace Head {

            /** Properties of a Head. */
            interface $Properties {

                /** Head recordingId */
                recordingId?: (Uint8Array|null);

                /** Head chunks */
                chunks?: (number|null);

                /** Head root */
                root?: (Uint8Array|null);

                /** Head at */
                at?: (bwc.v1.Moment.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Head. */
            type $Shape = bwc.v1.Head.$Properties;
        }

        /**
         * Properties of a SignedHead.
         * @deprecated Use bwc.v1.SignedHead.$Properties instead.
         */
        interface ISignedHead extends bwc.v1.SignedHead.$Properties {
        }

        /** Represents a SignedHead. */
        class SignedHead {

            /**
             * Constructs a new SignedHead.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.SignedHead.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SignedHead head. */
            head: Uint8Array;

            /** SignedHead signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified SignedHead message. Does not implicitly {@link bwc.v1.SignedHead.verify|verify} messages.
             * @param message SignedHead message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.SignedHead.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SignedHead message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.SignedHead & bwc.v1.SignedHead.$Shape} SignedHead
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.SignedHead & bwc.v1.SignedHead.$Shape;
        }

        namespace SignedHead {

            /** Properties of a SignedHead. */
            interface $Properties {

                /** SignedHead head */
                head?: (Uint8Array|null);

                /** SignedHead signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SignedHead. */
            type $Shape = bwc.v1.SignedHead.$Properties;
        }

        /**
         * Properties of a SignedManifest.
         * @deprecated Use bwc.v1.SignedManifest.$Properties instead.
         */
        interface ISignedManifest extends bwc.v1.SignedManifest.$Properties {
        }

        /** Represents a SignedManifest. */
        class SignedManifest {

            /**
             * Constructs a new SignedManifest.
             * @param [properties] Properties to set
             */
            constructor(properties?: bwc.v1.SignedManifest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SignedManifest manifest. */
            manifest: Uint8Array;

            /** SignedManifest signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified SignedManifest message. Does not implicitly {@link bwc.v1.SignedManifest.verify|verify} messages.
             * @param message SignedManifest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: bwc.v1.SignedManifest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SignedManifest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {bwc.v1.SignedManifest & bwc.v1.SignedManifest.$Shape} SignedManifest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): bwc.v1.SignedManifest & bwc.v1.SignedManifest.$Shape;
        }

        namespace SignedManifest {

            /** Properties of a SignedManifest. */
            interface $Properties {

                /** SignedManifest manifest */
                manifest?: (Uint8Array|null);

                /** SignedManifest signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SignedManifest. */
            type $Shape = bwc.v1.SignedManifest.$Properties;
        }
    }
}
