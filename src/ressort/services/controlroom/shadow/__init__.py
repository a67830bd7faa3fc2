"""Shadow: drivers and reflexes propose first, are compared with what people do, and act once somebody says so."""
