var fromFile = 1;
