// A mesh of WIDTH x HEIGHT routers, node y * WIDTH + x, one core on each node.
//
// `eject` is valid in the cycle before the delivery: the core's registers have the packet in the cycle of
// delivery itself. In the same way, what is injected in a cycle is in the local FIFO in the next one, so a
// packet that is created at t is offered in cycle t - 1.
`include "packet.vh"

module mesh #(
    parameter WIDTH = 2,
    parameter HEIGHT = 2,
    parameter DEPTH = 4,
    parameter T_R = 1,
    parameter T_L = 1,
    parameter COUNT_BITS = 3
) (
    input wire clock,
    input wire reset,
    input wire [WIDTH*HEIGHT*COUNT_BITS-1:0] inject_count,
    input wire [WIDTH*HEIGHT*DEPTH*`PACKET_BITS-1:0] inject,
    output wire [WIDTH*HEIGHT*COUNT_BITS-1:0] inject_room,
    output wire [WIDTH*HEIGHT-1:0] eject_valid,
    output wire [WIDTH*HEIGHT*`PACKET_BITS-1:0] eject
);
    localparam NODES = WIDTH * HEIGHT;

    // By node and output port: what comes out of the link there.
    wire [NODES*`PORTS-1:0] link_valid;
    wire [`PACKET_BITS-1:0] link_packet [0:NODES*`PORTS-1];
    // By node and input port.
    wire [NODES*`PORTS-1:0] taken;

    genvar n, p;
    generate
        for (n = 0; n < NODES; n = n + 1) begin : node
            localparam X = n % WIDTH;
            localparam Y = n / WIDTH;
            wire [`PORTS-1:0] in_valid;
            wire [`PORTS*`PACKET_BITS-1:0] in_packet;
            wire [`PORTS-1:0] credit_back;
            wire [`PORTS-1:0] out_valid;
            wire [`PORTS*`PACKET_BITS-1:0] out_packet;

            mesh_router #(
                .X(X),
                .Y(Y),
                .DEPTH(DEPTH),
                .T_R(T_R),
                .COUNT_BITS(COUNT_BITS)
            ) router (
                .clock(clock),
                .reset(reset),
                .inject_count(inject_count[n*COUNT_BITS +: COUNT_BITS]),
                .inject(inject[n*DEPTH*`PACKET_BITS +: DEPTH*`PACKET_BITS]),
                .inject_room(inject_room[n*COUNT_BITS +: COUNT_BITS]),
                .in_valid(in_valid),
                .in_packet(in_packet),
                .taken(taken[n*`PORTS +: `PORTS]),
                .credit_back(credit_back),
                .out_valid(out_valid),
                .out_packet(out_packet)
            );
            assign eject_valid[n] = out_valid[`LOCAL];
            assign eject[n*`PACKET_BITS +: `PACKET_BITS] = out_packet[`LOCAL*`PACKET_BITS +: `PACKET_BITS];

            for (p = 0; p < `PORTS; p = p + 1) begin : side
                // The neighbour on this side, if there is one; its port that faces this node is the opposite.
                localparam HERE = p == `NORTH ? Y < HEIGHT - 1 : p == `EAST ? X < WIDTH - 1
                    : p == `SOUTH ? Y > 0 : p == `WEST ? X > 0 : 0;
                localparam THERE = p == `NORTH ? n + WIDTH : p == `EAST ? n + 1
                    : p == `SOUTH ? n - WIDTH : n - 1;
                localparam OPPOSITE = p == `NORTH ? `SOUTH : p == `EAST ? `WEST
                    : p == `SOUTH ? `NORTH : `EAST;
                if (HERE) begin : linked
                    assign in_valid[p] = link_valid[THERE*`PORTS + OPPOSITE];
                    assign in_packet[p*`PACKET_BITS +: `PACKET_BITS] =
                        link_packet[THERE*`PORTS + OPPOSITE];
                    assign credit_back[p] = taken[THERE*`PORTS + OPPOSITE];
                    delay_line #(
                        .LENGTH(T_L),
                        .WIDTH(1 + `PACKET_BITS)
                    ) link (
                        .clock(clock),
                        .reset(reset),
                        .in({out_valid[p], out_packet[p*`PACKET_BITS +: `PACKET_BITS]}),
                        .out({link_valid[n*`PORTS + p], link_packet[n*`PORTS + p]})
                    );
                end else begin : unlinked
                    assign in_valid[p] = 1'b0;
                    assign in_packet[p*`PACKET_BITS +: `PACKET_BITS] = {`PACKET_BITS{1'b0}};
                    assign credit_back[p] = 1'b0;
                    assign link_valid[n*`PORTS + p] = 1'b0;
                    assign link_packet[n*`PORTS + p] = {`PACKET_BITS{1'b0}};
                end
            end
        end
    endgenerate
endmodule
