// A router of the mesh: five FIFOs, XY routing, oldest packet first, credits for the room behind each link.
//
// The registers of a cycle t hold what the FIFOs hold after the packets due at t have joined. The grants of t
// follow from them alone; they take effect at the edge that ends t. A packet granted at t leaves `out` in
// cycle t + T_R - 1, so that a register behind it (the next router's FIFO, the core) has it at t + T_R.
`include "packet.vh"

module mesh_router #(
    parameter X = 0,
    parameter Y = 0,
    parameter DEPTH = 4,
    parameter T_R = 1,
    parameter COUNT_BITS = 3
) (
    input wire clock,
    input wire reset,
    // From the core: packets for the local FIFO, oldest in the lowest lane, no more than there is room for.
    input wire [COUNT_BITS-1:0] inject_count,
    input wire [DEPTH*`PACKET_BITS-1:0] inject,
    output wire [COUNT_BITS-1:0] inject_room,
    // From the neighbours, by input port; the local bits are not looked at.
    input wire [`PORTS-1:0] in_valid,
    input wire [`PORTS*`PACKET_BITS-1:0] in_packet,
    // By input port: this FIFO's head leaves in this cycle.
    output wire [`PORTS-1:0] taken,
    // By output port: the head of the FIFO behind the link leaves in this cycle.
    input wire [`PORTS-1:0] credit_back,
    // By output port; the local one is ejection.
    output wire [`PORTS-1:0] out_valid,
    output wire [`PORTS*`PACKET_BITS-1:0] out_packet
);
    wire [`PORTS*`PACKET_BITS-1:0] heads;
    wire [`PORTS-1:0] occupied;
    // By input port: the output that the head wants.
    wire [`PORTS*3-1:0] wants;
    // By output port: free slots behind the link that no packet on the way has claimed.
    reg [`PORTS*COUNT_BITS-1:0] credits;
    // By output port.
    reg [`PORTS-1:0] grant_valid;
    reg [`PORTS*`PACKET_BITS-1:0] grant_packet;
    // By input port.
    reg [`PORTS-1:0] grant_taken;

    assign taken = grant_taken;

    // The FIFOs.
    genvar port;
    generate
        for (port = 0; port < `PORTS; port = port + 1) begin : input_port
            localparam LANES = port == `LOCAL ? DEPTH : 1;
            wire [COUNT_BITS-1:0] put_count;
            wire [LANES*`PACKET_BITS-1:0] put;
            wire [COUNT_BITS-1:0] count;
            wire [COUNT_BITS-1:0] room;
            wire [DEPTH*`PACKET_BITS-1:0] slots;

            if (port == `LOCAL) begin : from_core
                assign put_count = inject_count;
                assign put = inject;
                assign inject_room = room;
            end else begin : from_neighbour
                assign put_count = {{(COUNT_BITS - 1) {1'b0}}, in_valid[port]};
                assign put = in_packet[port*`PACKET_BITS +: `PACKET_BITS];
            end

            fifo #(
                .DEPTH(DEPTH),
                .WIDTH(`PACKET_BITS),
                .LANES(LANES),
                .COUNT_BITS(COUNT_BITS)
            ) queue (
                .clock(clock),
                .reset(reset),
                .take(grant_taken[port]),
                .put_count(put_count),
                .put(put),
                .count(count),
                .slots(slots),
                .room(room)
            );
            assign occupied[port] = count != 0;
            assign heads[port*`PACKET_BITS +: `PACKET_BITS] = slots[`PACKET_BITS-1:0];
            assign wants[port*3 +: 3] = route(slots[`TARGET_X], slots[`TARGET_Y]);
        end
    endgenerate

    // XY routing: along x first.
    function [2:0] route(input [`PLACE_BITS-1:0] x, input [`PLACE_BITS-1:0] y);
        if (x > X) route = `EAST;
        else if (x < X) route = `WEST;
        else if (y > Y) route = `NORTH;
        else if (y < Y) route = `SOUTH;
        else route = `LOCAL;
    endfunction

    // What the arbiter compares; the smaller goes first.
    function [`RANK_BITS-1:0] precedence(input [`RANK_BITS-1:0] rank);
`ifdef MUTANT_ID_ONLY
        // A defect on purpose, by which the comparison with the simulator is tested.
        precedence = rank[`ID_BITS-1:0];
`else
        precedence = rank;
`endif
    endfunction

    // Arbitration: the oldest head that wants an output wins it, if there is room behind the link.
    reg [`PACKET_BITS-1:0] head;
    reg [2:0] winner;
    reg [`PACKET_BITS-1:0] best;
    reg found;
    integer in, out;
    reg [`PORTS-1:0] valid, leaves;
    reg [`PORTS*`PACKET_BITS-1:0] packets;
    always @* begin
        valid = 0;
        packets = 0;
        leaves = 0;
        head = 0;
        if (occupied != 0) for (out = 0; out < `PORTS; out = out + 1) begin
            found = 0;
            winner = 0;
            best = 0;
            for (in = 0; in < `PORTS; in = in + 1)
                if (occupied[in] && wants[in*3 +: 3] == out) begin
                    head = heads[in*`PACKET_BITS +: `PACKET_BITS];
                    if (!found || precedence(head[`RANK]) < precedence(best[`RANK])) begin
                        winner = in[2:0];
                        best = head;
                    end
                    found = 1;
                end
            if (found && (out == `LOCAL || credits[out*COUNT_BITS +: COUNT_BITS] != 0)) begin
                valid[out] = 1;
                packets[out*`PACKET_BITS +: `PACKET_BITS] = best;
                leaves[winner] = 1;
            end
        end
        // Assigned once, so that a simulator passes on what is decided and nothing before it.
        grant_valid = valid;
        grant_packet = packets;
        grant_taken = leaves;
    end

    // A slot freed at t can be granted at t + 1.
`ifdef MUTANT_LATE_CREDIT
    // A defect on purpose: it can be granted at t + 2.
    reg [`PORTS-1:0] credit_in;
    always @(posedge clock) credit_in <= reset ? {`PORTS{1'b0}} : credit_back;
`else
    wire [`PORTS-1:0] credit_in = credit_back;
`endif
    integer link;
    always @(posedge clock)
        for (link = 0; link < `PORTS; link = link + 1)
            if (reset) credits[link*COUNT_BITS +: COUNT_BITS] <= DEPTH[COUNT_BITS-1:0];
            else if (link != `LOCAL && grant_valid[link] != credit_in[link])
                credits[link*COUNT_BITS +: COUNT_BITS] <= grant_valid[link]
                    ? credits[link*COUNT_BITS +: COUNT_BITS] - 1'b1
                    : credits[link*COUNT_BITS +: COUNT_BITS] + 1'b1;

    // From winning to leaving the router.
    delay_line #(
        .LENGTH(T_R - 1),
        .WIDTH(`PORTS * (1 + `PACKET_BITS))
    ) traversal (
        .clock(clock),
        .reset(reset),
        .in({grant_valid, grant_packet}),
        .out({out_valid, out_packet})
    );
endmodule
