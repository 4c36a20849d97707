// One read of an array: the lines are driven and integrated, then converted a few at a time.
//
// `start` is given in the cycle before the read's first one; `last` says that this is its last cycle.
module array_read #(
    parameter BITS = 12
) (
    input wire clock,
    input wire reset,
    input wire start,
    // Cycles of the driver, the integration, and the sample and hold together; at least 1.
    input wire [BITS-1:0] sample_cycles,
    // Cycles of one conversion, at least 1.
    input wire [BITS-1:0] convert_cycles,
    // Lines read out, at least 1, and converters.
    input wire [BITS-1:0] lines,
    input wire [BITS-1:0] converters,
    output wire last
);
    reg sampling, converting;
    // Cycles left of the sampling or of the present conversion, this one included.
    reg [BITS-1:0] left;
    reg [BITS-1:0] lines_left;

    assign last = converting && left == 1 && lines_left <= converters;

    always @(posedge clock)
        if (reset) begin
            sampling <= 0;
            converting <= 0;
            left <= 0;
            lines_left <= 0;
        end else if (start) begin
            sampling <= 1;
            converting <= 0;
            left <= sample_cycles;
            lines_left <= lines;
        end else if (sampling || converting) begin
            if (left > 1) left <= left - 1'b1;
            else if (sampling) begin
                sampling <= 0;
                converting <= 1;
                left <= convert_cycles;
            end else if (lines_left > converters) begin
                lines_left <= lines_left - converters;
                left <= convert_cycles;
            end else converting <= 0;
        end
endmodule
