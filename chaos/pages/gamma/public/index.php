<?php echo 'gamma says hello';
