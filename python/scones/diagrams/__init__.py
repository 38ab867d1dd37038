"""State machines as diagrams: their graph, its layout, SVG and Mermaid, and executions."""
