// A FIFO as a shift register: the head is always the lowest slot. Up to LANES words enter at one edge, at
// most one leaves. A slot that is freed by `take` may be filled at the same edge.
module fifo #(
    parameter DEPTH = 4,
    parameter WIDTH = 8,
    parameter LANES = 1,
    parameter COUNT_BITS = 3
) (
    input wire clock,
    input wire reset,
    input wire take,
    input wire [COUNT_BITS-1:0] put_count,
    input wire [LANES*WIDTH-1:0] put,
    output reg [COUNT_BITS-1:0] count,
    output reg [DEPTH*WIDTH-1:0] slots,
    // How many words may enter at the edge that ends this cycle.
    output wire [COUNT_BITS-1:0] room
);
    wire [COUNT_BITS-1:0] kept = count - {{(COUNT_BITS - 1) {1'b0}}, take};
    reg [DEPTH*WIDTH-1:0] next;
    integer lane;

    assign room = DEPTH[COUNT_BITS-1:0] - kept;

    always @(posedge clock)
        if (reset) begin
            count <= 0;
            slots <= 0;
        end else if (take || put_count != 0) begin
            next = take ? slots >> WIDTH : slots;
            for (lane = 0; lane < LANES; lane = lane + 1)
                if (lane < put_count) next[(kept + lane) * WIDTH +: WIDTH] = put[lane * WIDTH +: WIDTH];
            slots <= next;
            count <= kept + put_count;
        end
endmodule
